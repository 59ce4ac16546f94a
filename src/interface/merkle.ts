import type { AbortOptions } from './primitives.ts'

/** What a tree commits to: how many entries there are, and all of them in 32 bytes. A checkpoint is one. */
export interface TreeHead {
  /** Entries of the tree. */
  size: number
  /** Its hash: 32 bytes. */
  root: Uint8Array
}

/** A complete subtree: that of the entries from `index · 2^level` up to, and without, `(index + 1) · 2^level`. */
export interface TreeNode {
  level: number
  index: number
}

/** A complete subtree and its hash. */
export interface HashedNode extends TreeNode {
  /** 32 bytes. */
  hash: Uint8Array
}

/** Up to 256 hashes of a tree that stand side by side on one level, as they are stored. */
export interface Tile {
  /** Level of tiles: their hashes are of subtrees of 256^level entries. */
  level: number
  /** Place among the tiles of that level. */
  index: number
  /** Hashes in it: 256 when it is full. */
  width: number
}

/** Gives the hashes of complete subtrees: 32 bytes for each that is asked for, in the same order. */
export interface HashReader {
  readHashes(nodes: readonly TreeNode[], options?: AbortOptions): Promise<Uint8Array[]>
}

/** Gives the bytes of a tile: at least the hashes that it is asked for, and those after them when it is stored fuller by now. */
export type ReadTile = (tile: Tile, options?: AbortOptions) => Promise<Uint8Array>
