import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** A block and where it stands in the DAG of its bundle. */
export interface DagPlace {
  cid: CID
  position: DagPosition
}

/** Reads blocks of one bundle. They come from a store, or from other nodes when they are asked for. */
export interface DagReader {
  /** What it returns hashes to the CID that was asked for. */
  get(place: DagPlace, options?: AbortOptions): Promise<Uint8Array>
  /**
   * Told before everything below a place is read, so that it can be fetched at once rather than block by block.
   * `inner` leaves out raw leaves.
   */
  prepare?(place: DagPlace, mode: 'all' | 'inner', options?: AbortOptions): Promise<void>
}

/** Reads a bundle of which every block is at hand. */
export function readerOf (blocks: Pick<BlockReader, 'get'>): DagReader {
  return { get: async ({ cid }, options) => blocks.get(cid, options) }
}
