/**
 * Keys that are made from a node's own, so that nothing else has to be kept, and a node restored from its key is the same one:
 *
 * ```
 * key = HKDF-SHA256(ikm = private key (32 bytes), salt = none, info = label, length = 32)     RFC 5869
 *
 * label   'cortensor-datanode result nonce v1'     nonces of results, see nonce.ts
 *         'cortensor-datanode task nonce v1'       nonces of restricted tasks
 *         'cortensor-datanode audit key v1'        seed (RFC 8032) of the Ed25519 key that signs checkpoints, see audit-key.ts
 * ```
 *
 * Labels are UTF-8 without a terminator.
 */
import { hkdf } from '@noble/hashes/hkdf.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { InvalidKeyError } from '../errors.ts'

const keyBytes = 32

/**
 * Derives 32 bytes from a node's key.
 *
 * @throws {@link InvalidKeyError} when the key is not 32 bytes
 */
export function deriveKey (privateKey: Uint8Array, label: string): Uint8Array {
  if (privateKey.byteLength !== keyBytes) {
    throw new InvalidKeyError(`A private key is 32 bytes; this one is ${privateKey.byteLength}`)
  }
  return hkdf(sha256, privateKey, undefined, utf8ToBytes(label), keyBytes)
}
