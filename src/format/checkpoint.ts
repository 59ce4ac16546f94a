/**
 * Checkpoints: what a log says about itself at one size (https://c2sp.org/tlog-checkpoint@v1.0.0). The text of a signed note
 * (`signed-note.ts`):
 *
 * ```
 * <origin>                   which log it is
 * <size>                     entries of its tree, decimal without leading zeros, below 2^53
 * <root>                     hash of that tree (RFC 6962, SHA-256), base64 of 32 bytes
 * <extension>                further lines, none of them empty; this library writes none
 * ```
 *
 * Every line ends with a newline (U+000A); none has another character below U+0020. Each has one form, so that a checkpoint that
 * is read and written again has the same bytes. The origin is not empty; that of an audit trail, which is also the name of the
 * key that signs its notes, is in `audit-origin.ts`.
 *
 * What is anchored is the SHA-256 of this text in UTF-8, from its first byte up to the newline that ends it, without the empty
 * line and the signatures: those of witnesses come later, and do not change it.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8ToBytes } from '@noble/hashes/utils.js'
import { InvalidCheckpointError, LimitExceededError } from '../errors.ts'
import { noteBytesMax } from '../limits.ts'
import type { TreeHead } from '../interface/merkle.ts'
import type { Hex } from '../interface/primitives.ts'
import { checkObject, describeValue } from './argument.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { toHex } from './hex.ts'
import { hasControls } from './note-key.ts'
import { quote } from './quote.ts'
import { isUint } from './uint256.ts'

/** What a log says about itself: the tree of its first `size` entries. */
export interface Checkpoint extends TreeHead {
  /** Which log it is. */
  origin: string
  /** Further lines, which only the application knows. */
  extensions: readonly string[]
}

const rootBytes = 32
/** Sizes are numbers, which are exact below 2^53. */
const sizeBits = 53

/**
 * Writes the text of a checkpoint: that of the note which is to be signed.
 *
 * @throws {@link InvalidCheckpointError} when a field is not of its form
 */
export function encodeCheckpoint (checkpoint: Checkpoint): string {
  checkObject(checkpoint, 'checkpoint')
  const { origin, size, root, extensions } = checkpoint
  if (!Number.isSafeInteger(size) || size < 0) throw invalid('size', size, 'a whole number from 0 to 2^53 - 1')
  const given: unknown = root
  if (!(given instanceof Uint8Array) || given.byteLength !== rootBytes) throw invalid('root', given, `${rootBytes} bytes`)
  if (!Array.isArray(extensions)) throw invalid('extensions', extensions, 'an array of lines')
  const more = (extensions as readonly string[]).map(line => checkLine('an extension', line))
  return [checkLine('origin', origin), String(size), toBase64(given), ...more, ''].join('\n')
}

/**
 * Reads the text of a checkpoint. It says nothing unless the note that it comes from is verified ({@link verifyCheckpoint}).
 *
 * @throws {@link InvalidCheckpointError} when the text is not one
 * @throws {@link LimitExceededError} when it has more than 256 Ki characters
 */
export function decodeCheckpoint (text: string): Checkpoint {
  const given: unknown = text
  if (typeof given !== 'string' || !given.endsWith('\n')) throw invalid('the text', given, 'lines that each end with a newline')
  if (given.length > noteBytesMax) {
    throw new LimitExceededError(`A checkpoint has ${given.length} characters; at most ${noteBytesMax} are taken`,
      { limit: 'noteBytesMax', max: noteBytesMax, actual: given.length })
  }
  const [origin = '', size = '', root = '', ...extensions] = given.slice(0, -1).split('\n')
  if (!isUint(size, sizeBits)) throw invalid('size', size, 'a decimal number below 2^53 without leading zeros')
  const bytes = fromBase64(root)
  if (bytes?.byteLength !== rootBytes) throw invalid('root', root, `the base64 of ${rootBytes} bytes`)
  for (const line of extensions) checkLine('an extension', line)
  return { origin: checkLine('origin', origin), size: Number(size), root: bytes, extensions }
}

/**
 * What is anchored of a checkpoint: the SHA-256 of its text, 32 bytes, a `bytes32` on chain.
 *
 * @throws {@link InvalidCheckpointError} when a field is not of its form
 */
export function checkpointDigest (checkpoint: Checkpoint): Hex {
  return toHex(sha256(utf8ToBytes(encodeCheckpoint(checkpoint))))
}

function checkLine (field: string, line: unknown): string {
  if (typeof line === 'string' && /^[^\n]+$/.test(line) && line.isWellFormed() && !hasControls(line)) return line
  throw invalid(field, line, 'a line of text that is not empty and has no control characters')
}

function invalid (field: string, value: unknown, what: string): InvalidCheckpointError {
  const shown = typeof value === 'string' ? quote(value) : describeValue(value)
  return new InvalidCheckpointError(`The checkpoint is not valid: ${field} is ${shown}, which is not ${what}`, { field })
}
