import { InvalidTableError } from '../errors.ts'
import { countInRuns, readVarint } from './parquet-runs.ts'
import type { SchemaElement } from 'hyparquet'

/** How the values of a page are written. */
export interface PageValues {
  /** Without nulls. */
  count: number
  encoding: number
  element: SchemaElement
  isVersion2: boolean
}

/** Numbers of Parquet's encodings. */
const [plain, plainDictionary, rle, deltaBinary, deltaLength, dictionary, split] = [0, 2, 3, 5, 6, 8, 9]

/** Values of one block of deltas, and parts of one, that no writer comes near. */
const deltaBlockMax = 1 << 20
const deltaPartsMax = 1 << 12

/**
 * Checks that the values of a page take no more memory than their number and bytes say.
 *
 * @throws {@link InvalidTableError} when they do, or are written in a way that cannot be checked
 */
export function checkValues (bytes: Uint8Array, at: number, { count, encoding, element, isVersion2 }: PageValues): void {
  const end = bytes.byteLength
  if (count === 0) return
  switch (encoding) {
    case plain: return
    case plainDictionary:
    case dictionary:
    case rle: {
      if (element.type === 'BOOLEAN' && encoding === rle) {
        countInRuns({ bytes, start: at + 4, end, bits: 1, count }, 1)
        return
      }
      const bits = bytes[at] ?? 0
      if (at >= end || bits > 31) throw invalid(`indexes have ${bits} bits`)
      if (bits > 0 || isVersion2) countInRuns({ bytes, start: at + 1, end, bits, count }, 0)
      return
    }
    case deltaBinary:
    case deltaLength: {
      const block = readVarint(bytes, at, end)
      const parts = readVarint(bytes, block.next, end)
      if (block.value > deltaBlockMax || parts.value === 0 || parts.value > deltaPartsMax) throw invalid(`deltas are in blocks of ${block.value}`)
      return
    }
    case split: {
      const width = { INT32: 4, FLOAT: 4, INT64: 8, DOUBLE: 8 }[element.type as string] ?? element.type_length ?? 1
      if (count * width > end - at) throw invalid('it has more values than bytes')
      return
    }
    // Also DELTA_BYTE_ARRAY: each value may repeat all of the one before it.
    default: throw invalid(`encoding ${encoding} is not read`)
  }
}

function invalid (problem: string): InvalidTableError {
  return new InvalidTableError(`A page of a Parquet file is not valid: ${problem}`)
}
