import { MismatchError } from '../errors.ts'
import { digestOf } from '../format/digest.ts'
import { formatUrn } from '../format/reference.ts'
import type { CID } from 'multiformats/cid'
import type { HashOf } from '../interface/data-node.ts'
import type { Hex } from '../interface/primitives.ts'

/**
 * Checks that a root is the one whose hash was committed to.
 *
 * @throws {@link MismatchError} with both hashes when it is not
 */
export async function checkHash (root: CID, committed: Hex, hashOf: HashOf = () => digestOf(root)): Promise<void> {
  const urn = formatUrn(root)
  const expected = committed.toLowerCase()
  const actual = (await hashOf(urn)).toLowerCase()
  if (actual !== expected) {
    throw new MismatchError(`committed to ${expected}, and delivered ${urn}, whose hash is ${actual}`, { expected, actual })
  }
}
