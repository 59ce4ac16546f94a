import { InvalidArgumentError } from '../errors.ts'
import { parseAddress } from '../format/hex.ts'
import type { Readers } from '../interface/bundle.ts'

/**
 * Readers as they are kept: each address once, in lower case.
 *
 * @throws {@link InvalidArgumentError} when they are neither `'anyone'` nor a list of addresses
 */
export function checkReaders (readers: Readers): Readers {
  if (readers === 'anyone') return readers
  if (!Array.isArray(readers)) {
    throw new InvalidArgumentError(`readers must be 'anyone' or a list of addresses, and is ${typeof readers}`)
  }
  return [...new Set(readers.map(reader => parseAddress(String(reader))))]
}

/** True when the same peers may read, in whatever order they are named. */
export function sameReaders (a: Readers, b: Readers): boolean {
  if (a === 'anyone' || b === 'anyone') return a === b
  return a.length === b.length && a.every(address => b.includes(address))
}
