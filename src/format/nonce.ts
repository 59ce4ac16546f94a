/**
 * Nonces that hide contents which could be guessed.
 *
 * A CID of a short answer can be found by trying answers. So the manifest of every result, and of every restricted task,
 * holds a nonce of 32 bytes that only the node's key can make, and that is the same whenever the same thing is published
 * again, so that its root is the same too:
 *
 * ```
 * key   = HKDF-SHA256(ikm = private key (32 bytes), salt = none, info = label, length = 32)     RFC 5869
 * nonce = HMAC-SHA256(key, message)                                                             RFC 2104
 *
 * label    of a result   'cortensor-datanode result nonce v1'
 *          of a task     'cortensor-datanode task nonce v1'
 * message  of a result   hashStruct(TaskReference) ‖ digest of answers ‖ digest of content                      96 bytes
 *          of a task     chainId (uint256) ‖ queue, padded on the left to 32 ‖ sessionId (uint256) ‖ digest of content
 *                                                                                                              128 bytes
 * ```
 *
 * Labels are UTF-8 without a terminator. `content` is the root of the bundle's directory as it is without its
 * `manifest.json`; digests are the sha2-256 digests inside the CIDs; hashStruct is that of EIP-712.
 */
import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes } from '@noble/hashes/utils.js'
import type { CID } from 'multiformats/cid'
import { InvalidArgumentError } from '../errors.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'
import { deriveKey } from './derived-key.ts'
import { digestOf } from './digest.ts'
import { hashTaskReference } from './eip712.ts'
import { fromHex, isAddress } from './hex.ts'
import { quote } from './quote.ts'
import { uint256Bytes } from './uint256.ts'

/** Label of the nonces of results. */
export const resultNonceLabel = 'cortensor-datanode result nonce v1'

/** Label of the nonces of restricted tasks. */
export const taskNonceLabel = 'cortensor-datanode task nonce v1'

/**
 * Derives 32 bytes from a node's key.
 *
 * @throws {@link InvalidKeyError} when the key is not 32 bytes
 */
export function deriveNonce (privateKey: Uint8Array, label: string, message: Uint8Array): Uint8Array {
  return hmac(sha256, deriveKey(privateKey, label), message)
}

/**
 * What the nonce of a result is derived from.
 *
 * @param answers - root of the task bundle
 * @param content - root of the result's directory without its manifest
 * @throws {@link InvalidArgumentError} when a field of the task is not of its type
 * @throws {@link InvalidReferenceError} when a CID is not one of a root
 */
export function resultNonceMessage (task: TaskReference, answers: CID, content: CID): Uint8Array {
  return concatBytes(hashTaskReference(task), fromHex(digestOf(answers)), fromHex(digestOf(content)))
}

/**
 * What the nonce of a restricted task is derived from.
 *
 * @param content - root of the task's directory without its manifest
 * @throws {@link InvalidArgumentError} when a field of the session is not of its type
 * @throws {@link InvalidReferenceError} when the CID is not one of a root
 */
export function taskNonceMessage (session: NetworkSession, content: CID): Uint8Array {
  if (!isAddress(session.queue)) {
    throw new InvalidArgumentError(`queue is ${quote(String(session.queue))}, which is not an address in lower-case hexadecimal`,
      { field: 'queue', value: session.queue })
  }
  return concatBytes(
    uint256Bytes(session.chainId), new Uint8Array(12), fromHex(session.queue, 20), uint256Bytes(session.sessionId),
    fromHex(digestOf(content)))
}
