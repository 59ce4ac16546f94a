/**
 * An audit key: a node's signed word that the checkpoints of one log are signed by one Ed25519 key.
 *
 * What is signed is the EIP-712 digest of `eip712.ts`; the signature is that of `address.ts`. At rest and on the wire an audit
 * key is a JSON object in canonical form (RFC 8785, see `canonical-json.ts`) of at most 1 KiB, with these fields and no others:
 *
 * ```
 * format              'cortensor-audit-key'
 * version             '1'
 * origin              of the log, in the form of audit-origin.ts: its address is that of the signer
 * ed25519PublicKey    32 bytes as hexadecimal
 * time                seconds since 1970, a decimal string below 2^64
 * signature           65 bytes as hexadecimal: r, s (low), v (27 or 28)
 * ```
 *
 * The longest audit key has 417 bytes. The name of the Ed25519 key is the origin; what it signs are notes (`signed-note.ts`)
 * whose text is a checkpoint of that origin (`checkpoint.ts`). The key is that of RFC 8032 whose seed is made from the node's own
 * key by HKDF (`derived-key.ts`): one key for all logs of a node, told apart by their origins.
 */
import { InvalidAuditKeyError, WrongSignerError } from '../errors.ts'
import { auditKeyBytesMax } from '../limits.ts'
import type { Address, Hex } from '../interface/primitives.ts'
import { checkSignature, recoverAddress } from './address.ts'
import { isAuditOrigin, parseAuditOrigin } from './audit-origin.ts'
import { auditKeyDigest } from './eip712.ts'
import type { AuditKeyBody } from './eip712.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat, refuseInvalid } from './json-record.ts'
import { bytes32, field, signature, time } from './schema.ts'
import type { SignDigest } from './statement.ts'

/** A node's signed word that one Ed25519 key signs the checkpoints of a log. */
export interface AuditKey extends AuditKeyBody {
  /** 65 bytes: r, s (low), v (27 or 28). */
  signature: Hex
}

/** An audit key, and the address that signed it. */
export interface SignedAuditKey {
  auditKey: AuditKey
  signer: Address
}

/** Label of the key that signs checkpoints. */
export const auditKeyLabel = 'cortensor-datanode audit key v1'

const unsigned = toHex(new Uint8Array(65))

const record = recordFormat({
  what: 'audit key',
  format: 'cortensor-audit-key',
  version: '1',
  fields: { origin: field(isAuditOrigin, 'cortensor-datanode/<address>/<repository id>'), ed25519PublicKey: bytes32, time, signature },
  bytesMax: auditKeyBytesMax,
  invalid: (message, details) => new InvalidAuditKeyError(message, details)
})

/**
 * Writes an audit key. The signature is not checked against it: see {@link verifyAuditKey}.
 *
 * @throws {@link InvalidAuditKeyError} when a field is missing or not of its form
 */
export function encodeAuditKey (auditKey: AuditKey): Uint8Array<ArrayBuffer> {
  const { origin, ed25519PublicKey, time, signature } = { ...auditKey }
  return encodeRecord(record, { origin, ed25519PublicKey, time, signature })
}

/**
 * Reads an audit key. The signature is not checked against it: see {@link verifyAuditKey}.
 *
 * @throws {@link InvalidAuditKeyError} when the bytes are not the canonical form of an audit key
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than 1 KiB
 */
export function decodeAuditKey (bytes: Uint8Array): AuditKey {
  const { origin, ed25519PublicKey, time, signature } = decodeRecord(record, bytes) as unknown as AuditKey
  return { origin, ed25519PublicKey, time, signature }
}

/**
 * Checks that an audit key is signed by the node whose log it is for. That it is the right node is for the caller to check.
 *
 * @throws {@link InvalidAuditKeyError} when a field is not of its form or the signature is none
 * @throws {@link WrongSignerError} when another address signed it than the one in its origin
 */
export function verifyAuditKey (auditKey: AuditKey): SignedAuditKey {
  const checked = decodeAuditKey(encodeAuditKey(auditKey))
  const signer = refuseInvalid(record, () => recoverAddress(auditKeyDigest(checked), fromHex(checked.signature)))
  const { address } = parseAuditOrigin(checked.origin)
  if (signer === address) return { auditKey: checked, signer }
  throw new WrongSignerError(`The audit key of ${checked.origin} is signed by ${signer}, and not by the node whose log that is`,
    { expected: address, actual: signer })
}

/**
 * Makes an audit key. That the signature is of this audit key is the word of `sign`.
 *
 * @throws {@link InvalidAuditKeyError} when a field is not of its form, or when `sign` gives something that is no signature
 */
export async function signAuditKey (body: AuditKeyBody, sign: SignDigest): Promise<AuditKey> {
  encodeAuditKey({ ...body, signature: unsigned })
  const signature = await sign(auditKeyDigest(body))
  refuseInvalid(record, () => checkSignature(signature))
  return decodeAuditKey(encodeAuditKey({ ...body, signature: toHex(signature) }))
}
