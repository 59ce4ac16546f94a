/**
 * Parquet's hybrid of run lengths and packed bits, walked before it is decoded: a run that says that it is longer than what is
 * left would be decoded into as much memory.
 *
 * ```
 * run     count << 1 as a varint, and the value in as many bytes as its bits take
 * packed  groups << 1 | 1 as a varint, and groups · bits bytes: eight values each, lowest bits first
 * ```
 */
import { InvalidTableError } from '../errors.ts'

/** Runs of one page. */
export interface Runs {
  bytes: Uint8Array
  start: number
  end: number
  /** Bits of each value. */
  bits: number
  /** Values in all. */
  count: number
}

/** Writers fill the last packed run up to whole groups, and some write it in full length. */
const spareValues = 512

/**
 * Walks runs, and counts the values that are equal to one.
 *
 * @throws {@link InvalidTableError} when they end too early, or a run is longer than there are values
 */
export function countInRuns ({ bytes, start, end, bits, count }: Runs, wanted: number): number {
  let [at, seen, found] = [start, 0, 0]
  while (seen < count) {
    const { value: head, next } = readVarint(bytes, at, end)
    const isPacked = (head & 1) === 1
    const length = isPacked ? (head >>> 1) * 8 : head >>> 1
    if (length > count - seen + spareValues || length === 0) throw invalid(`a run has ${length} of ${count - seen} values`)
    const size = isPacked ? length / 8 * bits : Math.ceil(bits / 8)
    if (next + size > end) throw invalid('runs end too early')
    const taken = Math.min(length, count - seen)
    found += isPacked ? countPacked(bytes, next, { bits, count: taken }, wanted) : countRun(bytes, next, size, wanted) * taken
    at = next + size
    seen += length
  }
  return found
}

/** @throws {@link InvalidTableError} when there is no whole one, or it has more than 31 bits */
export function readVarint (bytes: Uint8Array, start: number, end: number): { value: number, next: number } {
  let value = 0
  for (let at = start; at < end && at < start + 5; at++) {
    const byte = bytes[at] ?? 0
    value += (byte & 127) * 2 ** (7 * (at - start))
    if (byte < 128 && value < 2 ** 31) return { value, next: at + 1 }
  }
  throw invalid('a number is too long')
}

function countRun (bytes: Uint8Array, at: number, size: number, wanted: number): number {
  let value = 0
  for (let i = 0; i < size; i++) value += (bytes[at + i] ?? 0) * 256 ** i
  return value === wanted ? 1 : 0
}

/** Levels have a few bits; values of more than eight are indexes of a dictionary, which nobody counts. */
function countPacked (bytes: Uint8Array, start: number, { bits, count }: Pick<Runs, 'bits' | 'count'>, wanted: number): number {
  if (bits > 8) return 0
  const mask = 2 ** bits - 1
  let found = 0
  for (let i = 0; i < count; i++) {
    const at = start + (i * bits >>> 3)
    const pair = (bytes[at] ?? 0) | (bytes[at + 1] ?? 0) << 8
    if (((pair >>> (i * bits & 7)) & mask) === wanted) found++
  }
  return found
}

function invalid (problem: string): InvalidTableError {
  return new InvalidTableError(`A page of a Parquet file is not valid: ${problem}`)
}
