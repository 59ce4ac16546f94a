import { InvalidArgumentError } from '../errors.ts'
import type { HashReader, TreeNode } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import { checkCount, checkHash } from './checks.ts'
import { hashSubtrees } from './hashing.ts'
import { subtreesOf } from './subtrees.ts'
import type { EntryRange } from './subtrees.ts'

/**
 * The root of the tree of the first `size` entries, from stored hashes of at most 53 complete subtrees.
 *
 * @throws {@link InvalidArgumentError} when `size` is not a whole number, or the reader gives something else than it was
 *   asked for
 */
export async function readRoot (size: number, reader: HashReader, options?: AbortOptions): Promise<Uint8Array> {
  return hashSubtrees(await readFrontier(size, reader, options))
}

/**
 * The hashes of the complete subtrees of the first `size` entries, the largest first: all that is needed to go on appending
 * ({@link GrowingTree}).
 *
 * @throws {@link InvalidArgumentError} when `size` is not a whole number, or the reader gives something else than it was
 *   asked for
 */
export async function readFrontier (size: number, reader: HashReader, options?: AbortOptions): Promise<Uint8Array[]> {
  checkCount(size, 'size')
  return await readNodes(subtreesOf({ from: 0, to: size }), reader, options)
}

/** The hash of each range, from one call to the reader. */
export async function readRanges (ranges: readonly EntryRange[], reader: HashReader,
  options?: AbortOptions): Promise<Uint8Array[]> {
  const parts = ranges.map(subtreesOf)
  const hashes = await readNodes(parts.flat(), reader, options)
  let at = 0
  return parts.map(({ length }) => hashSubtrees(hashes.slice(at, at += length)))
}

async function readNodes (nodes: readonly TreeNode[], reader: HashReader, options?: AbortOptions): Promise<Uint8Array[]> {
  if (nodes.length === 0) return []
  const hashes = await reader.readHashes(nodes, options)
  if (hashes.length !== nodes.length) {
    throw new InvalidArgumentError(`The reader gave ${hashes.length} hashes; it was asked for ${nodes.length}`, { expected: nodes.length, actual: hashes.length })
  }
  for (const [at, hash] of hashes.entries()) checkHash(hash, `hash ${at} that the reader gave`)
  return hashes
}
