import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { Uint8ArrayList } from 'uint8arraylist'
import type { KeyObject } from 'node:crypto'

type Bytes = Uint8Array | Uint8ArrayList

/** Encrypts or decrypts one message of Noise. */
type Transform = (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: Uint8Array, into?: Uint8Array) => Bytes

const algorithm = 'chacha20-poly1305'
const tagBytes = 16

/** Pieces that are smaller than this on average are joined before they are encrypted or decrypted. */
const joinedBytesMax = 16 * 1024

/** Below this many bytes, setting up OpenSSL costs more than it saves; what was there before is used. */
const nativeBytesMin = 1200

/**
 * Makes Noise keep the key of a connection in OpenSSL's form, rather than make it anew for each of its messages of 64 KiB.
 *
 * There is no option for it: this is the one place that replaces functions of an encrypter. Where they are not as
 * expected, nothing happens.
 *
 * @returns whether keys are kept now
 */
export function cacheKeys (encrypter: object): boolean {
  const { crypto }: { crypto?: { encrypt?: unknown, decrypt?: unknown } } = encrypter
  if (typeof crypto?.encrypt !== 'function' || typeof crypto.decrypt !== 'function') return false
  const [encryptSmall, decryptSmall] = [crypto.encrypt as Transform, crypto.decrypt as Transform]
  const keys = new WeakMap<Uint8Array, KeyObject>()
  const keyOf = (bytes: Uint8Array): KeyObject => {
    const known = keys.get(bytes)
    if (known !== undefined) return known
    const key = createSecretKey(bytes)
    keys.set(bytes, key)
    return key
  }
  const encryptMessage: Transform = (message, nonce, additional, key, into) => message.byteLength < nativeBytesMin
    ? encryptSmall(message, nonce, additional, key, into)
    : encrypt(message, nonce, additional, keyOf(key))
  const decryptMessage: Transform = (message, nonce, additional, key, into) => message.byteLength < nativeBytesMin
    ? decryptSmall(message, nonce, additional, key, into)
    : decrypt(message, nonce, additional, keyOf(key), into)
  crypto.encrypt = encryptMessage
  crypto.decrypt = decryptMessage
  return true
}

function encrypt (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: KeyObject): Uint8ArrayList {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(additional, { plaintextLength: message.byteLength })
  const output = new Uint8ArrayList()
  for (const piece of joinedPieces(message)) output.append(cipher.update(piece))
  cipher.final()
  output.append(cipher.getAuthTag())
  return output
}

/** Throws when it is not what was encrypted. `into` has what is encrypted in one piece: Noise makes it to be written over. */
function decrypt (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: KeyObject, into?: Uint8Array): Uint8ArrayList {
  const textBytes = message.byteLength - tagBytes
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(additional, { plaintextLength: textBytes })
  decipher.setAuthTag(message.subarray(textBytes))
  const text = into?.byteLength === textBytes ? into : message.subarray(0, textBytes)
  const output = new Uint8ArrayList(decipher.update(text))
  decipher.final()
  return output
}

/** Small pieces are copied together: each of them costs a call of OpenSSL, and afterwards one of whoever takes the output. */
function joinedPieces (bytes: Bytes): Iterable<Uint8Array> {
  if (bytes instanceof Uint8Array) return [bytes]
  const pieces = [...bytes]
  return bytes.byteLength < pieces.length * joinedBytesMax ? [bytes.subarray()] : pieces
}
