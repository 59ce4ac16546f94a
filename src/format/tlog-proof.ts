/**
 * Proofs that can be kept beside what they prove: that a log has an entry, checked without asking anybody
 * (https://c2sp.org/tlog-proof@v1).
 *
 * ```
 * c2sp.org/tlog-proof@v1
 * extra <base64>                 only where there is something: 1 byte to 4 KiB; nothing vouches for it
 * index <index>                  of the entry, from 0, decimal without leading zeros, below 2^53
 * <base64 of 32 bytes>           hashes of the inclusion proof, the one beside the entry first: 0 to 54
 *                                an empty line
 * <signed note>                  the checkpoint as the log signed it, see signed-note.ts and checkpoint.ts
 * ```
 *
 * Every line ends with a newline (U+000A). Each part has one form, so that a proof that is read and written again has the same
 * bytes. The entry is not in it. The usual name of a file is `<name>.tlog-proof`.
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { InvalidProofError, LimitExceededError } from '../errors.ts'
import { proofBytesMax, proofExtraBytesMax, proofHashesMax } from '../limits.ts'
import { checkBytes, checkObject, describeValue } from './argument.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { quote } from './quote.ts'
import { decodeNote, encodeNote } from './signed-note.ts'
import type { SignedNote } from './signed-note.ts'
import { isUint } from './uint256.ts'
import { fromUtf8, toUtf8 } from './utf8.ts'

/** A proof that a log has an entry, with all that is needed to check it but the entry and the log's key. */
export interface TlogProof {
  /** What the application adds; nothing vouches for it. */
  extra?: Uint8Array | undefined
  /** Place of the entry in the log. */
  index: number
  /** The inclusion proof: 32 bytes each, for {@link verifyInclusion}. */
  hashes: readonly Uint8Array[]
  /** The checkpoint, for {@link verifyCheckpoint}. */
  note: SignedNote
}

const head = 'c2sp.org/tlog-proof@v1'
const extraField = 'extra '
const indexField = 'index '
const hashBytes = 32
/** Indexes are numbers, which are exact below 2^53. */
const indexBits = 53

/**
 * Writes a proof. Nothing in it is verified.
 *
 * @throws {@link InvalidProofError} when a field is not of its form
 * @throws {@link InvalidNoteError} when the note is not of its form
 * @throws {@link LimitExceededError} when it has more than 54 hashes or 4 KiB extra, or the note is too large
 */
export function encodeTlogProof (proof: TlogProof): Uint8Array<ArrayBuffer> {
  checkObject(proof, 'proof')
  const { extra, index, hashes, note } = proof
  if (extra !== undefined) checkExtra(extra)
  if (!Number.isSafeInteger(index) || index < 0) throw invalid(`its index is ${describeValue(index)}, which is not a whole number from 0 to 2^53 - 1`)
  checkHashes(hashes)
  const lines = [head, ...(extra === undefined ? [] : [`${extraField}${toBase64(extra)}`]), `${indexField}${index}`, ...hashes.map(toBase64)]
  return Uint8Array.from(concatBytes(toUtf8(`${lines.join('\n')}\n\n`), encodeNote(note)))
}

/**
 * Reads a proof. Nothing in it is verified: {@link verifyCheckpoint} its note, then {@link verifyInclusion} its hashes.
 *
 * @throws {@link InvalidProofError} when the bytes are not one
 * @throws {@link InvalidNoteError} when its checkpoint is not a signed note
 * @throws {@link LimitExceededError} when it has more than 54 hashes or 4 KiB extra, or is too large
 */
export function decodeTlogProof (bytes: Uint8Array): TlogProof {
  checkBytes(bytes, 'a proof')
  if (bytes.byteLength > proofBytesMax) throw tooMuch('proofBytesMax', 'bytes', proofBytesMax, bytes.byteLength)
  const text = fromUtf8(bytes) ?? ''
  const split = text.indexOf('\n\n')
  if (split === -1) throw invalid('it is not text with an empty line in front of its checkpoint')
  const [first = '', ...lines] = text.slice(0, split).split('\n')
  if (first !== head) throw invalid(`its first line is ${quote(first)}, which is not "${head}"`)
  const extra = lines[0]?.startsWith(extraField) === true ? decodeExtra(lines.shift() ?? '') : undefined
  const index = decodeIndex(lines.shift() ?? '')
  checkHashCount(lines.length)
  const hashes = lines.map(decodeHash)
  const note = decodeNote(toUtf8(text.slice(split + 2)))
  return { ...(extra === undefined ? {} : { extra }), index, hashes, note }
}

function decodeExtra (line: string): Uint8Array {
  const extra = fromBase64(line.slice(extraField.length))
  if (extra === undefined) throw invalid('what follows "extra" is not base64')
  checkExtra(extra)
  return extra
}

function decodeIndex (line: string): number {
  const index = line.slice(indexField.length)
  if (line.startsWith(indexField) && isUint(index, indexBits)) return Number(index)
  throw invalid(`${quote(line)} is not "index" and a decimal number below 2^53 without leading zeros`)
}

function decodeHash (line: string): Uint8Array {
  const hash = fromBase64(line)
  if (hash?.byteLength === hashBytes) return hash
  throw invalid(`${quote(line)} is not the base64 of ${hashBytes} bytes`)
}

function checkExtra (extra: unknown): void {
  if (!(extra instanceof Uint8Array) || extra.byteLength === 0) throw invalid(`what is added is ${describeValue(extra)}, which is not one byte or more`)
  if (extra.byteLength > proofExtraBytesMax) throw tooMuch('proofExtraBytesMax', 'bytes extra', proofExtraBytesMax, extra.byteLength)
}

function checkHashes (hashes: unknown): void {
  if (!Array.isArray(hashes)) throw invalid(`its hashes are ${describeValue(hashes)}, which is not an array`)
  checkHashCount(hashes.length)
  const wrong = Array.from<unknown>(hashes).findIndex(hash => !(hash instanceof Uint8Array) || hash.byteLength !== hashBytes)
  if (wrong !== -1) throw invalid(`hash ${wrong} of it is not ${hashBytes} bytes`)
}

function checkHashCount (hashes: number): void {
  if (hashes > proofHashesMax) throw tooMuch('proofHashesMax', 'hashes', proofHashesMax, hashes)
}

function invalid (problem: string): InvalidProofError {
  return new InvalidProofError(`The proof is not valid: ${problem}`)
}

function tooMuch (limit: string, what: string, max: number, actual: number): LimitExceededError {
  return new LimitExceededError(`A proof has ${actual} ${what}; at most ${max} are taken`, { limit, max, actual })
}
