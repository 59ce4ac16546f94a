/**
 * Consistency proofs, RFC 6962 section 2.1.2 (RFC 9162 section 2.1.4): that a tree begins with all of an earlier one.
 *
 * ```
 * PROOF(m, D[n])           = SUBPROOF(m, D[n], true)
 * SUBPROOF(m, D[m], true)  = {}                                                       the earlier root is known
 * SUBPROOF(m, D[m], false) = {MTH(D[m])}
 * SUBPROOF(m, D[n], b)     = SUBPROOF(m, D[0:k], b)         : MTH(D[k:n])             m <= k
 * SUBPROOF(m, D[n], b)     = SUBPROOF(m - k, D[k:n], false) : MTH(D[0:k])             m > k;  k: the largest power of two below n
 * ```
 *
 * Two trees of one size are consistent when their roots are equal. Every tree continues the empty one. Both proofs are empty.
 */
import { SmallerTreeError } from '../errors.ts'
import type { HashReader, TreeHead } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { checkCount, checkProof, checkRoot, checkTreeHead } from './checks.ts'
import { hashChildren } from './hashing.ts'
import { readRanges } from './read-hashes.ts'
import { half, sidesOf, wayDown } from './subtrees.ts'
import type { EntryRange } from './subtrees.ts'

/** What a consistency proof proves. Verified checkpoints of one origin are trees of one log. */
export interface Consistency {
  earlier: TreeHead
  later: TreeHead
}

/**
 * Makes the proof that the tree of `laterSize` entries begins with all of the one of `earlierSize`: at most 54 hashes of 32
 * bytes. It is as right as the hashes that are read: verify it.
 *
 * @throws {@link SmallerTreeError} when the later tree is smaller
 * @throws {@link InvalidArgumentError} when a number is not one, or the reader gives something else than it was asked for
 */
export async function proveConsistency (earlierSize: number, laterSize: number, reader: HashReader,
  options?: AbortOptions): Promise<Uint8Array[]> {
  checkSizes(earlierSize, laterSize)
  return await readRanges(rangesBetween(earlierSize, laterSize), reader, options)
}

/**
 * Checks that a tree begins with all entries of an earlier one: that a log only grew. Returns when it did.
 *
 * @param consistency - size and root (32 bytes) of both trees
 * @param proof - hashes of 32 bytes each, in the order of RFC 6962
 * @throws {@link SmallerTreeError} when the later tree is smaller
 * @throws {@link InvalidProofError} when the proof has more or fewer hashes than it needs
 * @throws {@link ProofMismatchError} when it leads to another root of one of them: the log was changed, or something is of
 *   another log
 * @throws {@link InvalidArgumentError} when something is not of its type
 */
export function verifyConsistency ({ earlier, later }: Consistency, proof: readonly Uint8Array[]): void {
  checkTreeHead(earlier, 'earlier')
  checkTreeHead(later, 'later')
  checkSizes(earlier.size, later.size)
  const what = `A tree of ${later.size} entries that continues one of ${earlier.size}`
  if (earlier.size === 0 || earlier.size === later.size) {
    checkProof(proof, 0, what)
    if (earlier.size === later.size) checkRoot(later.root, earlier.root, `The root of a tree of as many entries (${later.size})`)
    return
  }
  const { index, size } = lastSubtree(earlier.size, later.size)
  const sides = sidesOf(index, size)
  // Where the earlier tree is one complete subtree, the way up begins with its root, and else with the first hash.
  checkProof(proof, index === 0 ? sides.length : sides.length + 1, what)
  const [first = earlier.root, ...beside] = index === 0 ? [earlier.root, ...proof] : proof
  const [earlierRoot, laterRoot] = rootsFrom(first, beside, sides)
  checkRoot(earlierRoot, earlier.root, `The root of ${earlier.size} entries that the proof leads to`)
  checkRoot(laterRoot, later.root, `The root of ${later.size} entries that the proof leads to`)
}

/** The smallest complete subtree at the end of the earlier tree, counted in subtrees of its size: where the proof begins. */
function lastSubtree (earlierSize: number, laterSize: number): { index: number, size: number } {
  let [index, last] = [earlierSize - 1, laterSize - 1]
  while (index % 2 === 1) [index, last] = [half(index), half(last)]
  return { index, size: last + 1 }
}

/** What is on the left is in both trees; what is on the right came later. */
function rootsFrom (first: Uint8Array, beside: readonly Uint8Array[], sides: readonly ('left' | 'right')[]): [Uint8Array, Uint8Array] {
  let [earlier, later] = [first, first]
  for (const [at, hash] of beside.entries()) {
    if (sides[at] === 'left') [earlier, later] = [hashChildren(hash, earlier), hashChildren(hash, later)]
    else later = hashChildren(later, hash)
  }
  return [earlier, later]
}

function checkSizes (earlierSize: number, laterSize: number): void {
  checkCount(earlierSize, 'the earlier size')
  checkCount(laterSize, 'the later size')
  if (laterSize >= earlierSize) return
  throw new SmallerTreeError(`A tree of ${laterSize} entries cannot continue one of ${earlierSize}: its log went back`,
    { earlier: earlierSize, later: laterSize })
}

/** What the hashes of the proof are of, in their order. */
function rangesBetween (earlierSize: number, laterSize: number): EntryRange[] {
  if (earlierSize === 0) return []
  const { found, beside } = wayDown(earlierSize - 1, laterSize, ({ to }) => to === earlierSize)
  return found.from === 0 ? beside : [found, ...beside]
}
