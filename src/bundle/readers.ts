import { invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import type { Readers } from '../interface/bundle.ts'
import type { Address } from '../interface/primitives.ts'

/**
 * Readers as they are kept: each address once, in lower case.
 *
 * @throws {@link InvalidArgumentError} when they are neither `'anyone'`, nor a list of addresses, nor a function
 */
export function checkReaders (readers: Readers): Readers {
  if (readers === 'anyone' || typeof readers === 'function') return readers
  if (!Array.isArray(readers)) throw invalidArgument('readers', "'anyone', an array of addresses or a function", readers)
  return [...new Set(readers.map((reader: unknown) => parseAddress(reader as Address)))]
}

/** True when the same peers may read, in whatever order they are named. */
export function sameReaders (a: Readers, b: Readers): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  return a.length === b.length && a.every(address => b.includes(address))
}

/** True when nobody but those of `others` may read, this node apart: it always may. What a function decides only itself knows. */
export function areAmong (readers: Readers, others: Readers, own: Address): boolean {
  if (others === 'anyone' || readers === others) return true
  if (typeof readers !== 'object') return false
  return readers.every(reader => reader === own || (typeof others === 'object' && others.includes(reader)))
}
