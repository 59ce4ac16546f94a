/**
 * Inclusion proofs, RFC 6962 section 2.1.1 (RFC 9162 section 2.1.3): that a tree has an entry at an index.
 *
 * ```
 * PATH(0, {d(0)}) = {}
 * PATH(m, D[n])   = PATH(m, D[0:k])     : MTH(D[k:n])        m < k
 * PATH(m, D[n])   = PATH(m - k, D[k:n]) : MTH(D[0:k])        m >= k;  k: the largest power of two below n
 * ```
 *
 * So the first hash is the one beside the entry, and the last one is a child of the root.
 */
import { InvalidArgumentError, InvalidProofError } from '../errors.ts'
import type { HashReader, TreeHead } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { checkCount, checkHash, checkProof, checkRoot, checkTreeHead } from './checks.ts'
import { hashChildren, hashEntry } from './hashing.ts'
import { readRanges } from './read-hashes.ts'
import { sidesOf, wayDown } from './subtrees.ts'

/** What an inclusion proof proves. */
export interface Inclusion {
  /** The entry itself, not its hash. Entries of an audit trail are digests of statements: 32 bytes. */
  entry: Uint8Array
  /** Its place in the log, from 0. */
  index: number
  /** Size and root of the tree: a verified checkpoint is one. */
  tree: TreeHead
}

/**
 * Makes the proof that the tree of the first `size` entries has the one at `index`: at most 53 hashes of 32 bytes. It is as right
 * as the hashes that are read: verify it.
 *
 * @throws {@link InvalidProofError} when the tree has no such entry
 * @throws {@link InvalidArgumentError} when a number is not one, or the reader gives something else than it was asked for
 */
export async function proveInclusion (index: number, size: number, reader: HashReader,
  options?: AbortOptions): Promise<Uint8Array[]> {
  checkIndex(index, size)
  const { beside } = wayDown(index, size, ({ from, to }) => to - from === 1)
  return await readRanges(beside, reader, options)
}

/**
 * Checks that a tree has an entry at an index. Returns when it does.
 *
 * @param inclusion - the entry, its index, and size and root (32 bytes) of the tree
 * @param proof - hashes of 32 bytes each, the one beside the entry first
 * @throws {@link InvalidProofError} when the tree has no such index, or the proof has more or fewer hashes than it needs
 * @throws {@link ProofMismatchError} when it leads to another root: the entry or the proof was changed, or is of another tree
 * @throws {@link InvalidArgumentError} when something is not of its type
 */
export function verifyInclusion ({ entry, index, tree }: Inclusion, proof: readonly Uint8Array[]): void {
  const given: unknown = entry
  if (!(given instanceof Uint8Array)) throw new InvalidArgumentError(`entry must be a Uint8Array, and is a ${typeof given}`, { argument: 'entry' })
  verifyHashInclusion(hashEntry(given), { index, tree }, proof)
}

/** The same for an entry of which only the hash is known ({@link hashEntry}). */
export function verifyHashInclusion (entryHash: Uint8Array, { index, tree }: Omit<Inclusion, 'entry'>, proof: readonly Uint8Array[]): void {
  checkHash(entryHash, 'the hash of the entry')
  checkTreeHead(tree, 'tree')
  checkIndex(index, tree.size)
  const sides = sidesOf(index, tree.size)
  checkProof(proof, sides.length, `Entry ${index} of ${tree.size}`)
  const root = proof.reduce((hash, beside, at) => sides[at] === 'left' ? hashChildren(beside, hash) : hashChildren(hash, beside), entryHash)
  checkRoot(root, tree.root, `The root that entry ${index} and its proof lead to`)
}

function checkIndex (index: number, size: number): void {
  checkCount(index, 'index')
  checkCount(size, 'size')
  if (index >= size) throw new InvalidProofError(`A tree of ${size} entries has no entry ${index}`, { index, size })
}
