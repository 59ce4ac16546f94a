import { invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import type { Readers } from '../interface/bundle.ts'
import type { Address } from '../interface/primitives.ts'

/**
 * Readers as they are kept: each address once, in lower case.
 *
 * @throws {@link InvalidArgumentError} when they are neither `'anyone'` nor a list of addresses
 */
export function checkReaders (readers: Readers): Readers {
  if (readers === 'anyone') return readers
  if (!Array.isArray(readers)) throw invalidArgument('readers', "'anyone' or an array of addresses", readers)
  return [...new Set(readers.map((reader: unknown) => parseAddress(reader as Address)))]
}

/** True when the same peers may read, in whatever order they are named. */
export function sameReaders (a: Readers, b: Readers): boolean {
  if (a === 'anyone' || b === 'anyone') return a === b
  return a.length === b.length && a.every(address => b.includes(address))
}
