import { LimitExceededError } from '../errors.ts'
import { concat } from '../format/protobuf.ts'
import { rowBytesMax } from '../limits.ts'
import type { TableFormat } from '../interface/table.ts'

/** A row of JSON Lines or CSV as it stands in its file. */
export interface TextRecord {
  /** Without what ends the line. */
  bytes: Uint8Array
  /** Line of the file in which it starts, from 1. */
  line: number
  /** Byte of the file at which it starts. */
  start: number
}

const [lineFeed, carriageReturn, quoteMark] = [0x0a, 0x0d, 0x22]
const byteOrderMark = [0xef, 0xbb, 0xbf]

/**
 * Splits text into its records, one in memory at a time: at each line feed, of CSV but for those between quotes. A carriage
 * return before it belongs to the end of the line, as does a byte order mark to the start of a CSV.
 *
 * @param from - byte of the file with which the pieces begin; lines are counted from there
 * @throws {@link LimitExceededError} when a record has more than `rowBytesMax` bytes
 */
export async function * textRecords (
  path: string, pieces: AsyncIterable<Uint8Array>, format: Exclude<TableFormat, 'parquet'>, from = 0
): AsyncGenerator<TextRecord> {
  const record = new GrowingRecord(path, format === 'csv', from)
  for await (const piece of pieces) {
    for (let at = 0; at < piece.byteLength;) {
      const end = piece.indexOf(lineFeed, at)
      const next = end === -1 ? piece.byteLength : end + 1
      record.add(piece.subarray(at, next))
      at = next
      if (end !== -1 && record.isComplete) yield record.take()
    }
  }
  if (record.size > 0) yield record.take()
}

/** Collects the pieces of one record. */
class GrowingRecord {
  readonly #path: string
  readonly #hasQuotes: boolean
  #pieces: Uint8Array[] = []
  #quotes = 0
  #lines = 0
  #line = 1
  #start: number
  size = 0

  constructor (path: string, hasQuotes: boolean, start: number) {
    this.#path = path
    this.#start = start
    this.#hasQuotes = hasQuotes
  }

  /** True when what ends the line is not between quotes. */
  get isComplete (): boolean {
    return this.#quotes % 2 === 0
  }

  /** Takes bytes up to the next end of a line, or as many as there are. */
  add (bytes: Uint8Array): void {
    this.size += bytes.byteLength
    if (this.size > rowBytesMax + 2) {
      throw new LimitExceededError(`The row of ${this.#path} in line ${this.#line} has more than ${rowBytesMax} bytes`,
        { limit: 'rowBytesMax', max: rowBytesMax, actual: this.size, path: this.#path, line: this.#line })
    }
    this.#pieces.push(bytes)
    if (bytes.at(-1) === lineFeed) this.#lines++
    if (!this.#hasQuotes) return
    for (let at = bytes.indexOf(quoteMark); at !== -1; at = bytes.indexOf(quoteMark, at + 1)) this.#quotes++
  }

  take (): TextRecord {
    const [only] = this.#pieces
    const whole = this.#pieces.length === 1 && only !== undefined ? only : concat(this.#pieces)
    const record = { bytes: this.#trimmed(whole), line: this.#line, start: this.#start }
    this.#start += whole.byteLength
    this.#line += this.#lines
    this.#pieces = []
    this.size = this.#quotes = this.#lines = 0
    return record
  }

  #trimmed (bytes: Uint8Array): Uint8Array {
    const hasMark = this.#start === 0 && this.#hasQuotes && byteOrderMark.every((byte, at) => bytes[at] === byte)
    const start = hasMark ? byteOrderMark.length : 0
    let end = bytes.byteLength
    if (bytes[end - 1] === lineFeed) end -= bytes[end - 2] === carriageReturn ? 2 : 1
    return bytes.subarray(start, end)
  }
}
