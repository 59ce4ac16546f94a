import { nextSibling } from '../format/dag-position.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { FileNode } from './unixfs-node.ts'
import type { CID } from 'multiformats/cid'

/** A block and where it stands in the DAG of its bundle. */
export interface DagPlace {
  cid: CID
  position: DagPosition
}

/** Blocks that stand together in the order of a DAG. */
export interface DagPart {
  from: DagPosition
  /** First position after them; the end when absent. */
  to: DagPosition | undefined
  /** `inner` leaves out raw leaves. */
  mode: 'all' | 'inner'
  /** Bytes that its leaves have on average, where that is known. */
  leafBytes?: number | undefined
}

/** Reads blocks of one bundle. They come from a store, or from other nodes when they are asked for. */
export interface DagReader {
  /** What it returns hashes to the CID that was asked for. */
  get(place: DagPlace, options?: AbortOptions): Promise<Uint8Array>
  /** Told before a part is read, so that it is fetched at once rather than block by block. What is above it was read before. */
  prepare?(part: DagPart, options?: AbortOptions): Promise<void>
  /** Gives a block of a file as a node of it, where those that were read are kept. */
  fileNode?(place: DagPlace, options: AbortOptions): Promise<FileNode>
}

/** Reads a bundle of which every block is at hand. */
export function readerOf (blocks: Pick<BlockReader, 'get'>): DagReader {
  return { get: async ({ cid }, options) => blocks.get(cid, options) }
}

/** A place and everything below it. */
export function below ({ position }: DagPlace, mode: 'all' | 'inner'): DagPart {
  return { from: position, to: nextSibling(position), mode }
}
