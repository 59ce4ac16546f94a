import { secp256k1 } from '@noble/curves/secp256k1.js'
import { InvalidKeyError } from '../errors.ts'
import { fromHex } from '../format/hex.ts'

const keyBytes = 32

/**
 * Reads a secp256k1 key from 64 hexadecimal digits, with or without `0x`.
 *
 * @param name - what to call it in errors, which never show it
 * @throws {@link InvalidKeyError} when it is something else, or not a number between 1 and the order of the curve
 */
export function parsePrivateKey (text: string, name: string): Uint8Array {
  let key: Uint8Array
  try {
    key = fromHex(text, keyBytes)
  } catch {
    throw new InvalidKeyError(`${name} is not 64 hexadecimal digits, with or without 0x (it has ${text.length} characters)`)
  }
  if (!secp256k1.utils.isValidSecretKey(key)) {
    throw new InvalidKeyError(`${name} is zero, or not below the order of secp256k1`)
  }
  return key
}
