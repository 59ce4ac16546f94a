import { createCipheriv, createDecipheriv, createSecretKey } from 'node:crypto'
import { Uint8ArrayList } from 'uint8arraylist'
import { messageMemory, sentMemory } from '../format/claimed-memory.ts'
import type { KeyObject } from 'node:crypto'

type Bytes = Uint8Array | Uint8ArrayList

/** Encrypts or decrypts one message of Noise. */
type Transform = (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: Uint8Array, into?: Uint8Array) => Bytes

const algorithm = 'chacha20-poly1305'

/** Bytes at the end of a message by which it is authenticated. */
export const tagBytes = 16

/** The longest message, whose length has two bytes. */
const joinedMessage = new Uint8Array(65_535)

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
  const encryptMessage: Transform = (message, nonce, additional, key, into) => {
    const encrypted = message.byteLength < nativeBytesMin
      ? encryptSmall(message, nonce, additional, key, into)
      : encrypt(message, nonce, additional, keyOf(key))
    for (const piece of message instanceof Uint8Array ? [message] : message) sentMemory.freeSent(piece)
    return encrypted
  }
  const decryptMessage: Transform = (message, nonce, additional, key, into) => message.byteLength < nativeBytesMin
    ? decryptSmall(message, nonce, additional, key, into)
    : decrypt(message, nonce, additional, keyOf(key))
  crypto.encrypt = encryptMessage
  crypto.decrypt = decryptMessage
  return true
}

function encrypt (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: KeyObject): Uint8ArrayList {
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(additional, { plaintextLength: message.byteLength })
  const output = new Uint8ArrayList()
  for (const piece of joinedPieces(message)) output.append(messageMemory.claim(cipher.update(piece)))
  cipher.final()
  output.append(cipher.getAuthTag())
  return output
}

/** Throws when it is not what was encrypted. */
function decrypt (message: Bytes, nonce: Uint8Array, additional: Uint8Array, key: KeyObject): Uint8Array {
  const whole = inOnePiece(message)
  const textBytes = whole.byteLength - tagBytes
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(additional, { plaintextLength: textBytes })
  decipher.setAuthTag(whole.subarray(textBytes))
  const output = messageMemory.claim(decipher.update(whole.subarray(0, textBytes)))
  decipher.final()
  return output
}

/** Pieces are copied into memory that is used again for the next message: OpenSSL has read it by then. */
function inOnePiece (message: Bytes): Uint8Array {
  if (message instanceof Uint8Array) return message
  const pieces = [...message]
  const [only = new Uint8Array()] = pieces
  if (pieces.length < 2) return only
  if (message.byteLength > joinedMessage.byteLength) return message.subarray()
  let at = 0
  for (const piece of pieces) {
    joinedMessage.set(piece, at)
    at += piece.byteLength
  }
  return joinedMessage.subarray(0, at)
}

/** Small pieces are copied together: each of them costs a call of OpenSSL, and afterwards one of whoever takes the output. */
function joinedPieces (bytes: Bytes): Iterable<Uint8Array> {
  if (bytes instanceof Uint8Array) return [bytes]
  const pieces = [...bytes]
  return bytes.byteLength < pieces.length * joinedBytesMax ? [bytes.subarray()] : pieces
}
