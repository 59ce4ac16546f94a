/**
 * Signed notes: text, and signatures of it by any number of keys (https://c2sp.org/signed-note@v1.0.0).
 *
 * ```
 * text that ends with a newline; it may have empty lines
 *                                                                        an empty line: the last one of the note
 * — <key name> <base64 of key id (4 bytes) ‖ signature>                  once or more
 * ```
 *
 * Every line ends with a newline (U+000A), the last one too. A signature line starts with an em dash (U+2014) and a space. A note
 * is UTF-8 without any other character below U+0020, has at most 256 KiB and 32 signatures, each of one byte at least. Names and
 * ids of keys are those of `note-key.ts`. Base64 is that of `base64.ts`, so that a note that is read and written again has the
 * same bytes: signatures of unknown keys and repeated ones are kept as they are.
 *
 * Signatures that are made and verified here are of one type, Ed25519 (0x01): RFC 8032 over the text, from its first byte up to
 * the newline that ends it, without the empty line. They are verified by the equation of its section 5.1.7, with the cofactor.
 * Points and numbers are accepted in their one canonical encoding only, and no public key of small order.
 *
 * A key is known by name and id. Signatures of others are ignored, also when they share one of both. When several signatures are
 * by the known key, each has to be valid.
 */
import { ed25519 } from '@noble/curves/ed25519.js'
import { concatBytes } from '@noble/hashes/utils.js'
import { InvalidNoteError, InvalidSignatureError, LimitExceededError, UnsignedError } from '../errors.ts'
import { noteBytesMax, noteSignaturesMax } from '../limits.ts'
import { checkBytes, checkObject, describeValue } from './argument.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { checkKeyName, formatNoteKey, hasControls, keyIdBytes, keyIdOf, noteKeyId } from './note-key.ts'
import type { NoteKey } from './note-key.ts'
import { quote } from './quote.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** A signature as it stands in a note. Whose it is only {@link verifyNote} says. */
export interface NoteSignature {
  /** Name of the key. */
  name: string
  /** Tells keys of one name apart: a uint32. */
  keyId: number
  /** Without the key id; 64 bytes when it is by Ed25519. */
  signature: Uint8Array
}

/** Text and signatures. The text says nothing before it is verified. */
export interface SignedNote {
  /** With the newline that ends it. */
  text: string
  signatures: readonly NoteSignature[]
}

/** Signs bytes by Ed25519: 64 bytes. */
export type SignMessage = (message: Uint8Array) => Promise<Uint8Array>

const signatureBytes = 64
const dash = '— '

/**
 * Writes a note.
 *
 * @throws {@link InvalidNoteError} when the text does not end with a newline or has control characters, when it has no signature,
 *   or one that is not of its form
 * @throws {@link LimitExceededError} when it has more than 32 signatures or 256 KiB
 */
export function encodeNote (note: SignedNote): Uint8Array<ArrayBuffer> {
  checkNote(note)
  const lines = note.signatures.map(({ name, keyId, signature }) => `${dash}${name} ${toBase64(concatBytes(keyIdToBytes(keyId), signature))}\n`)
  const bytes = toUtf8(`${note.text}\n${lines.join('')}`)
  checkLength(bytes)
  return bytes
}

/**
 * Reads a note, and verifies nothing.
 *
 * @throws {@link InvalidNoteError} when the bytes are not one
 * @throws {@link LimitExceededError} when it has more than 256 KiB or 32 signatures
 */
export function decodeNote (bytes: Uint8Array): SignedNote {
  checkBytes(bytes, 'a note')
  checkLength(bytes)
  const whole = fromUtf8(bytes)
  if (whole === undefined) throw new InvalidNoteError(`The ${bytes.byteLength} bytes of a note are not UTF-8`)
  const split = whole.lastIndexOf('\n\n')
  if (split === -1) throw new InvalidNoteError('A note has no empty line between its text and its signatures')
  const [text, block] = [whole.slice(0, split + 1), whole.slice(split + 2)]
  if (!block.endsWith('\n')) throw new InvalidNoteError('The last line of a note does not end with a newline')
  const lines = block.slice(0, -1).split('\n')
  checkCount(lines.length)
  const note = { text, signatures: lines.map(decodeLine) }
  checkNote(note)
  return note
}

/**
 * Checks that a note is signed by a key. Returns when it is.
 *
 * @throws {@link UnsignedError} when it has no signature by this key
 * @throws {@link InvalidSignatureError} when it has one that is not of this text
 * @throws {@link InvalidNoteError} when the note or the key is not of its form
 */
export function verifyNote (note: SignedNote, key: NoteKey): void {
  checkNote(note)
  const keyId = noteKeyId(key)
  const found = note.signatures.filter(signature => signature.name === key.name && signature.keyId === keyId)
  if (found.length === 0) {
    const signers = note.signatures.map(({ name }) => name)
    throw new UnsignedError(`The note has no signature by the expected key ${quote(key.name)}; it is signed by ${signers.map(name => quote(name)).join(', ')}`,
      { expected: formatNoteKey(key), signers })
  }
  const message = toUtf8(note.text)
  if (found.every(({ signature }) => isSignature(signature, message, key.publicKey))) return
  throw new InvalidSignatureError(`The signature by ${quote(key.name)} is not one of this note's text: one of them was changed`, { key: formatNoteKey(key) })
}

/**
 * Makes a note with one signature.
 *
 * @throws {@link InvalidNoteError} when the text or the key is not of its form
 * @throws {@link InvalidSignatureError} when `sign` gives something that is no signature by this key
 */
export async function signNote (text: string, key: NoteKey, sign: SignMessage): Promise<SignedNote> {
  const keyId = noteKeyId(key)
  checkText(text)
  const signature = await sign(toUtf8(text))
  const note = { text, signatures: [{ name: key.name, keyId, signature }] }
  verifyNote(note, key)
  return note
}

function isSignature (signature: Uint8Array, message: Uint8Array, publicKey: Uint8Array): boolean {
  return signature.byteLength === signatureBytes && ed25519.verify(signature, message, publicKey, { zip215: false })
}

function decodeLine (line: string): NoteSignature {
  const space = line.indexOf(' ', dash.length)
  const bytes = line.startsWith(dash) && space !== -1 ? fromBase64(line.slice(space + 1)) : undefined
  if (bytes === undefined) throw new InvalidNoteError(`${quote(line)} is not a signature of a note: "— name base64"`)
  const keyId = bytes.length < keyIdBytes ? NaN : keyIdOf(bytes)
  return { name: line.slice(dash.length, space), keyId, signature: bytes.subarray(keyIdBytes) }
}

function checkNote (note: unknown): asserts note is SignedNote {
  checkObject(note, 'note')
  const { text, signatures } = note
  checkText(text)
  if (!Array.isArray(signatures)) throw new InvalidNoteError(`The signatures of a note are ${describeValue(signatures)}, and must be an array`)
  checkCount(signatures.length)
  for (const signature of signatures as unknown[]) checkForm(signature)
}

function checkForm (value: unknown): void {
  checkObject(value, 'a signature of a note')
  const { name, keyId, signature } = value
  checkKeyName(name)
  const isId = Number.isInteger(keyId) && Number(keyId) >= 0 && Number(keyId) < 2 ** 32
  if (!isId || !(signature instanceof Uint8Array) || signature.byteLength === 0) {
    throw new InvalidNoteError(`The signature by ${quote(name)} is not a key id of ${keyIdBytes} bytes and a signature of one or more`)
  }
}

function checkText (text: unknown): asserts text is string {
  if (typeof text === 'string' && text.isWellFormed() && text.endsWith('\n') && !hasControls(text)) return
  throw new InvalidNoteError(`The text of a note is ${describeValue(text)}, and must be text without control characters that ends with a newline`)
}

function checkCount (signatures: number): void {
  if (signatures === 0) throw new InvalidNoteError('A note has at least one signature')
  if (signatures <= noteSignaturesMax) return
  throw new LimitExceededError(`A note has ${signatures} signatures; at most ${noteSignaturesMax} are taken`,
    { limit: 'noteSignaturesMax', max: noteSignaturesMax, actual: signatures })
}

function checkLength ({ byteLength }: Uint8Array): void {
  if (byteLength <= noteBytesMax) return
  throw new LimitExceededError(`A note has ${byteLength} bytes; at most ${noteBytesMax} are taken`,
    { limit: 'noteBytesMax', max: noteBytesMax, actual: byteLength })
}

function keyIdToBytes (keyId: number): Uint8Array {
  const bytes = new Uint8Array(keyIdBytes)
  new DataView(bytes.buffer).setUint32(0, keyId)
  return bytes
}
