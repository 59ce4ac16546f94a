import { MismatchError } from '../errors.ts'
import { invalidArgument } from '../format/argument.ts'
import { digestOf } from '../format/digest.ts'
import { isHex } from '../format/hex.ts'
import { formatUrn } from '../format/reference.ts'
import type { CID } from 'multiformats/cid'
import type { HashOf } from '../interface/data-node.ts'
import type { Hex } from '../interface/primitives.ts'

/**
 * Checks that a root is the one whose hash was committed to.
 *
 * @throws {@link InvalidArgumentError} when one of the two is not 32 bytes, so that it is no evidence of anything
 * @throws {@link MismatchError} with both hashes when it is not
 */
export async function checkHash (root: CID, committed: Hex, hashOf: HashOf = () => digestOf(root)): Promise<void> {
  const urn = formatUrn(root)
  const expected = parseHash(committed, 'hash')
  const actual = parseHash(await hashOf(urn), 'what hashOf gives')
  if (actual !== expected) {
    throw new MismatchError(`committed to ${expected}, and delivered ${urn}, whose hash is ${actual}`, { expected, actual })
  }
}

/** @throws {@link InvalidArgumentError} when it is not 32 bytes, in digits of either case */
export function parseHash (value: unknown, name: string): Hex {
  const hash = typeof value === 'string' ? value.toLowerCase() : value
  if (!isHex(hash, 32)) throw invalidArgument(name, '0x and 64 hexadecimal digits', value)
  return hash
}
