/**
 * The hashes of a Merkle tree, RFC 6962 section 2.1 (RFC 9162 section 2.1.1), with SHA-256:
 *
 * ```
 * MTH({})     = SHA-256()                                                  the empty tree
 * MTH({d(0)}) = SHA-256(0x00 ‖ d(0))                                       one entry
 * MTH(D[n])   = SHA-256(0x01 ‖ MTH(D[0:k]) ‖ MTH(D[k:n]))                  k: the largest power of two below n
 * ```
 *
 * A root does not tell how many entries its tree has: that size and root belong together is the word of whoever signed both.
 * The first byte keeps an entry from being taken for a subtree. A tree is never rebuilt when it grows: every subtree of 2^level
 * entries that is complete stays as it is, and the hash of any tree is made from those of at most 53 such subtrees.
 */
import { sha256 } from '@noble/hashes/sha2.js'

/** Bytes of a hash. */
export const hashBytes = 32

const entryPrefix = Uint8Array.of(0x00)
const nodePrefix = Uint8Array.of(0x01)

/** The hash of the tree without entries. */
export function emptyRoot (): Uint8Array {
  return sha256(new Uint8Array(0))
}

/** The hash of the tree of one entry. */
export function hashEntry (entry: Uint8Array): Uint8Array {
  return sha256.create().update(entryPrefix).update(entry).digest()
}

/** The hash of the tree of which these are the two halves. */
export function hashChildren (left: Uint8Array, right: Uint8Array): Uint8Array {
  return sha256.create().update(nodePrefix).update(left).update(right).digest()
}

/**
 * The hash of a tree from those of the complete subtrees side by side in it, the largest first: the empty tree's for none.
 * Each but the last is larger than all after it together, so they are joined from the right.
 */
export function hashSubtrees (hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.length === 0 ? emptyRoot() : hashes.reduceRight((right, left) => hashChildren(left, right))
}

/** The hash of a complete tree from the hashes of equal subtrees side by side, whose number is a power of two. */
export function hashComplete (hashes: readonly Uint8Array[]): Uint8Array {
  let row = hashes
  while (row.length > 1) row = joinPairs(row)
  return row[0] ?? emptyRoot()
}

function joinPairs (row: readonly Uint8Array[]): Uint8Array[] {
  const joined: Uint8Array[] = []
  let left: Uint8Array | undefined
  for (const hash of row) {
    if (left !== undefined) joined.push(hashChildren(left, hash))
    left = left === undefined ? hash : undefined
  }
  return joined
}
