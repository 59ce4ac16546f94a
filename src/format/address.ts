/**
 * Accounts and signatures of the EVM, on the curve secp256k1.
 *
 * An address is the last 20 bytes of keccak256 over the 64 bytes of the public point (x ‖ y). A signature is 65 bytes:
 * r (32), s (32), v (1). s is at most half of the curve's order (EIP-2) and v is 27 or 28, so that a digest and a key have
 * one valid signature that is made deterministically (RFC 6979).
 */
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { InvalidArgumentError, InvalidKeyError, InvalidStatementError } from '../errors.ts'
import type { Address } from '../interface/primitives.ts'
import { checkBytes } from './argument.ts'
import { toHex } from './hex.ts'
import { recoverKey } from './recover-key.ts'
import type { RecoverableSignature } from './recover-key-wasm.ts'

const digestBytes = 32
const signatureBytes = 65
const vOffset = 27

/**
 * The address of a public key in its compressed (33 bytes) or uncompressed (65 bytes) form.
 *
 * @throws {@link InvalidKeyError} when the bytes are not a point of the curve
 */
export function addressOf (publicKey: Uint8Array): Address {
  checkBytes(publicKey, 'a public key')
  let point: Uint8Array
  try {
    point = secp256k1.Point.fromBytes(publicKey).toBytes(false)
  } catch (cause) {
    throw new InvalidKeyError(`${publicKey.byteLength} bytes are not a public key of secp256k1: 33 or 65 are`, { cause })
  }
  return addressOfPoint(point)
}

/**
 * Checks the form of a signature. Whose it is, and of what, only {@link recoverAddress} says, which takes longer than signing.
 *
 * @throws {@link InvalidStatementError} when the signature is not 65 bytes, has a high s or another v than 27 or 28
 */
export function checkSignature (signature65: Uint8Array): void {
  readSignature(signature65)
}

/**
 * The address whose key made a signature of this digest. Every well-formed signature belongs to some address: compare it.
 *
 * @throws {@link InvalidStatementError} when the signature is not 65 bytes, has a high s or another v than 27 or 28, or
 *   belongs to no key
 */
export function recoverAddress (digest: Uint8Array, signature65: Uint8Array): Address {
  checkDigest(digest)
  const signature = readSignature(signature65)
  let publicKey: Uint8Array
  try {
    publicKey = recoverKey(digest, signature)
  } catch (cause) {
    throw noSignature(cause)
  }
  return addressOfPoint(publicKey)
}

/**
 * Signs a digest: the same key and digest give the same 65 bytes.
 *
 * @throws {@link InvalidKeyError} when the key is not 32 bytes between 1 and the order of the curve
 */
export function signDigest (digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  checkDigest(digest)
  if (!secp256k1.utils.isValidSecretKey(privateKey)) {
    throw new InvalidKeyError(`The private key (${privateKey.byteLength} bytes) is not a key of secp256k1`)
  }
  const [recovery = 0, ...compact] = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' })
  return Uint8Array.of(...compact, recovery + vOffset)
}

/** Of 65 bytes: an uncompressed public key. */
function addressOfPoint (publicKey: Uint8Array): Address {
  return toHex(keccak_256(publicKey.subarray(1)).subarray(12))
}

function readSignature (signature65: Uint8Array): RecoverableSignature {
  checkBytes(signature65, 'a signature')
  const v = signature65[signatureBytes - 1]
  if (signature65.byteLength !== signatureBytes || (v !== vOffset && v !== vOffset + 1)) {
    throw new InvalidStatementError(
      `A signature is 65 bytes that end with 27 or 28; this one is ${signature65.byteLength} and ends with ${v}`,
      { bytes: signature65.byteLength, v })
  }
  const compact = signature65.subarray(0, signatureBytes - 1)
  try {
    if (!secp256k1.Signature.fromBytes(compact, 'compact').hasHighS()) return { compact, recovery: v === vOffset ? 0 : 1 }
  } catch (cause) {
    throw noSignature(cause)
  }
  throw new InvalidStatementError('The signature has a high s: it is the second form of another one (EIP-2)')
}

function noSignature (cause: unknown): InvalidStatementError {
  return new InvalidStatementError('The signature is none of any key over this digest', { cause })
}

function checkDigest (digest: Uint8Array): void {
  checkBytes(digest, 'a digest')
  if (digest.byteLength !== digestBytes) {
    throw new InvalidArgumentError(`A digest is 32 bytes; this one is ${digest.byteLength}`, { bytes: digest.byteLength })
  }
}
