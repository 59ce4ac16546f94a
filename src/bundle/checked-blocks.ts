import { checkedBytesMax } from '../limits.ts'
import { blockKey } from '../store/block-key.ts'
import type { DagReader } from './dag-reader.ts'
import type { CID } from 'multiformats/cid'

/** Of a block beside its bytes: its key, and what an array is made of. The shards of a large directory are smaller than that. */
const besideBytes = 512

/**
 * Blocks that were read while a bundle was checked. What a handle reads when it is opened is among them, so that of a bundle
 * that has just come nothing is read back.
 */
export class CheckedBlocks {
  readonly #blocks = new Map<string, Uint8Array>()
  #bytes = 0

  /** Remembers a block that hashes to its CID, as long as there is room. It must not change. */
  add (cid: CID, bytes: Uint8Array): void {
    const key = blockKey(cid)
    const cost = bytes.byteLength + besideBytes
    if (this.#blocks.has(key) || this.#bytes + cost > checkedBytesMax) return
    this.#blocks.set(key, bytes)
    this.#bytes += cost
  }

  /** Reads what is remembered from memory, and all else by another reader. */
  before (reader: DagReader): DagReader {
    return { get: async (place, options) => this.#blocks.get(blockKey(place.cid)) ?? await reader.get(place, options) }
  }
}
