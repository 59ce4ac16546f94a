/**
 * Keys that sign notes (https://c2sp.org/signed-note@v1.0.0). Those of this library are of one type, Ed25519 (0x01).
 *
 * ```
 * key id = SHA-256(key name ‖ 0x0A ‖ 0x01 ‖ public key (32 bytes))[:4]         a uint32, the highest byte first
 * vkey   = <key name>+<key id, 8 lower-case hexadecimal digits>+<base64 of 0x01 ‖ public key>
 * ```
 *
 * A name is not empty, and has no Unicode space (White_Space), no plus and no character below U+0020. A key is known by its name
 * and id together. The id is short: it tells keys apart that nobody made to be alike.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { concatBytes, utf8ToBytes } from '@noble/hashes/utils.js'
import { InvalidNoteError } from '../errors.ts'
import { describeValue } from './argument.ts'
import { toBase64 } from './base64.ts'
import { quote } from './quote.ts'

/** An Ed25519 key that notes are verified with. */
export interface NoteKey {
  name: string
  /** 32 bytes. */
  publicKey: Uint8Array
}

/** Bytes of a key id. */
export const keyIdBytes = 4

const ed25519Type = 0x01
const publicKeyBytes = 32

/**
 * The id of a key: four bytes as a number.
 *
 * @throws {@link InvalidNoteError} when the name or the public key is not of its form
 */
export function noteKeyId ({ name, publicKey }: NoteKey): number {
  checkKeyName(name)
  if (!(publicKey instanceof Uint8Array) || publicKey.byteLength !== publicKeyBytes) {
    throw new InvalidNoteError(`The public key of ${quote(name)} must be ${publicKeyBytes} bytes`)
  }
  const hash = sha256(concatBytes(utf8ToBytes(`${name}\n`), Uint8Array.of(ed25519Type), publicKey))
  return keyIdOf(hash)
}

/**
 * Writes a key as the line of text that other tools take (a *vkey*).
 *
 * @throws {@link InvalidNoteError} when the name or the public key is not of its form
 */
export function formatNoteKey (key: NoteKey): string {
  const id = noteKeyId(key).toString(16).padStart(2 * keyIdBytes, '0')
  return `${key.name}+${id}+${toBase64(Uint8Array.of(ed25519Type, ...key.publicKey))}`
}

/** Reads a key id at the start of bytes. */
export function keyIdOf (bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0)
}

/** @throws {@link InvalidNoteError} when a value is not the name of a key */
export function checkKeyName (name: unknown): asserts name is string {
  if (typeof name === 'string' && name !== '' && name.isWellFormed() && !hasControls(name) && !/[\p{White_Space}+]/u.test(name)) return
  throw new InvalidNoteError(`${describeValue(name)} is not a name of a key, which is not empty and has no space, plus or control character`)
}

/** Tells whether text has a character that no note has: one below U+0020 that is not a newline. */
export function hasControls (text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code < 0x20 && code !== 0x0a) return true
  }
  return false
}
