/**
 * Digests that nodes sign, after EIP-712 ("Typed structured data hashing and signing").
 *
 * ```
 * digest = keccak256(0x19 0x01 ‖ domainSeparator ‖ hashStruct(message))
 * hashStruct(s) = keccak256(keccak256(encodeType(s)) ‖ encodeData(s))
 * ```
 *
 * The domain is `{ name: 'cortensor-datanode', version: '1' }`: type `EIP712Domain(string name,string version)`. It has no
 * chain id, because the task reference has one, and no verifying contract. The types:
 *
 * ```
 * TaskReference(uint256 chainId,address queue,uint256 sessionId,uint256 taskId)
 * Statement(string kind,bytes32 root,bytes32 answers,bytes32 task,string access,bytes32 salt,uint64 time)
 * AuditKey(string origin,bytes32 ed25519PublicKey,uint64 time)
 * Delegation(address node,uint64 until,uint64 time)
 * ```
 *
 * `task` of a statement is hashStruct(TaskReference), or 32 zero bytes where no task is known. `root` and `answers` are
 * sha2-256 digests of root blocks; `answers` is 32 zero bytes where the bundle answers nothing. `access` is `anyone` or
 * `restricted`. Times are seconds since 1970.
 */
import { keccak_256 } from '@noble/hashes/sha3.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { InvalidArgumentError } from '../errors.ts'
import type { DelegationBody } from '../interface/delegation.ts'
import type { Hex, Uint256 } from '../interface/primitives.ts'
import type { StatementBody } from '../interface/statement.ts'
import type { TaskReference } from '../interface/task.ts'
import { checkObject, describeValue } from './argument.ts'
import { fromHex, isAddress, isHex } from './hex.ts'
import { isUint, uint256Bytes } from './uint256.ts'

/** Binds the key of an audit trail's checkpoints to a node: what the node signs. */
export interface AuditKeyBody {
  /** Origin line of the trail's checkpoints. */
  origin: string
  /** 32 bytes. */
  ed25519PublicKey: Hex
  /** Seconds since 1970, as claimed by the signer. */
  time: Uint256
}

const domainSeparator = hashStruct('EIP712Domain(string name,string version)', [
  encodeString('name', 'cortensor-datanode'),
  encodeString('version', '1')
])

/**
 * hashStruct of a task reference: 32 bytes that stand for one task of one network session.
 *
 * @throws {@link InvalidArgumentError} when a field is not of its type
 */
export function hashTaskReference (task: TaskReference): Uint8Array {
  checkObject(task, 'task')
  return hashStruct('TaskReference(uint256 chainId,address queue,uint256 sessionId,uint256 taskId)', [
    encodeUint('chainId', task.chainId, 256),
    encodeAddress('queue', task.queue),
    encodeUint('sessionId', task.sessionId, 256),
    encodeUint('taskId', task.taskId, 256)
  ])
}

/**
 * The 32 bytes that a node signs to state that it published a root.
 *
 * @throws {@link InvalidArgumentError} when a field is not of its type
 */
export function statementDigest (body: StatementBody): Uint8Array {
  checkObject(body, 'statement')
  return typedDataDigest(hashStruct(
    'Statement(string kind,bytes32 root,bytes32 answers,bytes32 task,string access,bytes32 salt,uint64 time)', [
      encodeString('kind', body.kind),
      encodeBytes32('root', body.root),
      encodeBytes32('answers', body.answers),
      body.task === undefined ? new Uint8Array(32) : hashTaskReference(body.task),
      encodeString('access', body.access),
      encodeBytes32('salt', body.salt),
      encodeUint('time', body.time, 64)
    ]))
}

/**
 * The 32 bytes that a node signs to state which Ed25519 key signs its checkpoints.
 *
 * @throws {@link InvalidArgumentError} when a field is not of its type
 */
export function auditKeyDigest (body: AuditKeyBody): Uint8Array {
  checkObject(body, 'audit key')
  return typedDataDigest(hashStruct('AuditKey(string origin,bytes32 ed25519PublicKey,uint64 time)', [
    encodeString('origin', body.origin),
    encodeBytes32('ed25519PublicKey', body.ed25519PublicKey),
    encodeUint('time', body.time, 64)
  ]))
}

/**
 * The 32 bytes that a wallet signs to state that a node speaks for it.
 *
 * @throws {@link InvalidArgumentError} when a field is not of its type
 */
export function delegationDigest (body: DelegationBody): Uint8Array {
  checkObject(body, 'delegation')
  return typedDataDigest(hashStruct('Delegation(address node,uint64 until,uint64 time)', [
    encodeAddress('node', body.node),
    encodeUint('until', body.until, 64),
    encodeUint('time', body.time, 64)
  ]))
}

function typedDataDigest (messageHash: Uint8Array): Uint8Array {
  return keccak_256(concatBytes(Uint8Array.of(0x19, 0x01), domainSeparator, messageHash))
}

function hashStruct (type: string, fields: readonly Uint8Array[]): Uint8Array {
  return keccak_256(concatBytes(keccak_256(utf8ToBytes(type)), ...fields))
}

function encodeString (field: string, value: string): Uint8Array {
  if (typeof value !== 'string' || !value.isWellFormed()) {
    throw wrongType(field, value, 'text without lone surrogates')
  }
  return keccak_256(utf8ToBytes(value))
}

function encodeBytes32 (field: string, value: Hex): Uint8Array {
  if (!isHex(value, 32)) {
    throw wrongType(field, value, '32 bytes in lower-case hexadecimal')
  }
  return fromHex(value, 32)
}

function encodeAddress (field: string, value: Hex): Uint8Array {
  if (!isAddress(value)) {
    throw wrongType(field, value, 'an address in lower-case hexadecimal')
  }
  return concatBytes(new Uint8Array(12), fromHex(value, 20))
}

function encodeUint (field: string, value: Uint256, bits: number): Uint8Array {
  if (!isUint(value, bits)) {
    throw wrongType(field, value, `a uint${bits} as a decimal string`)
  }
  return uint256Bytes(value)
}

function wrongType (field: string, value: unknown, type: string): InvalidArgumentError {
  return new InvalidArgumentError(`${field} is ${describeValue(value)}, which is not ${type}`, { field, value })
}
