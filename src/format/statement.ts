/**
 * A statement: a node's signed word that it published a root.
 *
 * What is signed is the EIP-712 digest of `eip712.ts`; the signature is that of `address.ts`. At rest and on the wire a
 * statement is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 1 KiB, with these fields and
 * no others, in the forms of `schema.ts`:
 *
 * ```
 * format      'cortensor-statement'
 * version     '1'
 * kind        kind of the bundle's manifest
 * root        digest of the root, 32 bytes
 * answers     digest of the root that this one answers or follows, or 32 zero bytes
 * taskHash    hashStruct(TaskReference), or 32 zero bytes when no task is known
 * task        { chainId, queue, sessionId, taskId }; absent when taskHash is zero, else taskHash is its hash
 * access      'anyone' or 'restricted'
 * salt        32 bytes
 * time        seconds since 1970, a decimal string below 2^64
 * signature   65 bytes: r, s (low), v (27 or 28)
 * ```
 *
 * The longest statement has 966 bytes, so the bound never cuts one.
 */
import * as z from 'zod/mini'
import { InvalidStatementError } from '../errors.ts'
import { statementBytesMax } from '../limits.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Hex, JsonObject } from '../interface/primitives.ts'
import type { Statement, StatementBody } from '../interface/statement.ts'
import type { TaskReference } from '../interface/task.ts'
import { checkSignature, recoverAddress } from './address.ts'
import { hashTaskReference, statementDigest } from './eip712.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat, recordJson, refuseInvalid } from './json-record.ts'
import { address, bytes32, kind, signature, text, time, uint256 } from './schema.ts'

/** A statement as JSON, without the two fields that say what it is. */
interface StatementJson extends Statement {
  taskHash: Hex
}

/** Signs a 32-byte digest: 65 bytes r, s (low), v (27 or 28). */
export type SignDigest = (digest: Uint8Array) => Promise<Uint8Array>

const zeroHash = toHex(new Uint8Array(32))

const unsigned = toHex(new Uint8Array(65))

const record = recordFormat({
  what: 'statement',
  format: 'cortensor-statement',
  version: '1',
  fields: {
    kind,
    root: bytes32,
    answers: bytes32,
    taskHash: bytes32,
    task: z.optional(z.strictObject({ chainId: uint256, queue: address, sessionId: uint256, taskId: uint256 })),
    access: text(/^(?:anyone|restricted)$/, '"anyone" or "restricted"'),
    salt: bytes32,
    time,
    signature
  },
  bytesMax: statementBytesMax,
  invalid: (message, details) => new InvalidStatementError(message, details)
})

/**
 * Writes a statement. The signature is not checked against it: see {@link verifyStatement}.
 *
 * @throws {@link InvalidStatementError} when a field is missing or not of its form
 */
export function encodeStatement (statement: Statement): Uint8Array<ArrayBuffer> {
  const { kind, root, answers, task, access, salt, time, signature } = { ...statement }
  const fields = { kind, root, answers, access, salt, time, signature }
  return encodeRecord(record, { ...fields, ...(task === undefined ? { taskHash: zeroHash } : taskFields(task)) })
}

/** A statement as an object in another JSON document. @throws what {@link encodeStatement} throws */
export function statementJson (statement: Statement): JsonObject {
  return recordJson(encodeStatement(statement))
}

/**
 * Reads a statement. The signature is not checked against it: see {@link verifyStatement}.
 *
 * @throws {@link InvalidStatementError} when the bytes are not the canonical form of a statement
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than 1 KiB
 */
export function decodeStatement (bytes: Uint8Array): Statement {
  const value = decodeRecord(record, bytes) as unknown as StatementJson
  const { kind, root, answers, task, access, salt, time, signature, taskHash } = value
  const expected = task === undefined ? zeroHash : toHex(hashTaskReference(task))
  if (taskHash !== expected) {
    throw new InvalidStatementError(`The statement's taskHash is ${taskHash}, and the hash of its task is ${expected}`, { taskHash, expected })
  }
  return { kind, root, answers, ...(task === undefined ? {} : { task }), access, salt, time, signature }
}

/**
 * Finds who signed a statement. That it is the right one is for the caller to check.
 *
 * @throws {@link InvalidStatementError} when a field is not of its form or the signature is none
 */
export function verifyStatement (statement: Statement): SignedStatement {
  return withSigner(decodeStatement(encodeStatement(statement)))
}

/**
 * Reads a statement and finds who signed it. That it is the right one is for the caller to check.
 *
 * @throws {@link InvalidStatementError}, {@link NewerFormatError}, {@link LimitExceededError} as {@link decodeStatement} does,
 *   and when the signature is none
 */
export function readStatement (bytes: Uint8Array): SignedStatement {
  return withSigner(decodeStatement(bytes))
}

function withSigner (checked: Statement): SignedStatement {
  return { statement: checked, signer: recoverAddress(statementDigest(checked), fromHex(checked.signature)) }
}

/**
 * Makes a statement. That the signature is of this statement is the word of `sign`: finding its signer takes longer than signing.
 *
 * @throws {@link InvalidStatementError} when a field is not of its form, or when `sign` gives something that is no signature
 */
export async function signStatement (body: StatementBody, sign: SignDigest): Promise<Statement> {
  encodeStatement({ ...body, signature: unsigned })
  const digest = statementDigest(body)
  const signature = await sign(digest)
  checkSignature(signature)
  return decodeStatement(encodeStatement({ ...body, signature: toHex(signature) }))
}

function taskFields (reference: TaskReference): Required<Pick<StatementJson, 'task' | 'taskHash'>> {
  const { chainId, queue, sessionId, taskId } = { ...reference }
  const task = { chainId, queue, sessionId, taskId }
  return { task, taskHash: refuseInvalid(record, () => toHex(hashTaskReference(task))) }
}
