import type { CID } from 'multiformats/cid'
import { dagPbCodec, rawCodec } from '../format/dag-links.ts'
import { DigestMap } from '../format/digest-map.ts'
import { blockKey, cidOfKey, digestOfKey, isStorable, keyOfDigest } from './block-key.ts'

/** Where a block is that was put: `store` when another bundle has it. */
export type StagedPlace = 'memory' | 'file' | 'store'

/** A block that was put. `bytes` are there until they are in a file of their own or turn out to be stored already. */
export interface StagedBlock {
  cid: CID
  length: number
  bytes: Uint8Array | undefined
  place: StagedPlace
}

const places: readonly StagedPlace[] = ['memory', 'file', 'store']

/** Blocks that were put, each with its bytes for as long as these are in memory, and in some fifty bytes then. */
export class StagedTable {
  /** Length of a block, 21 bits and one, then whether it is raw, a bit, and its place, two bits. */
  readonly #blocks = new DigestMap()
  /** Of those that are in memory, by their keys. */
  readonly #bytes = new Map<string, Uint8Array>()

  get size (): number {
    return this.#blocks.size
  }

  has (cid: CID): boolean {
    return isStorable(cid) && this.#blocks.has(cid.multihash.digest)
  }

  get (key: string): StagedBlock | undefined {
    const digest = digestOfKey(key)
    const value = this.#blocks.get(digest)
    if (value === undefined) return undefined
    const codec = (value & 4) === 0 ? dagPbCodec : rawCodec
    return {
      // Made when it is asked for: whoever looks for a block has its CID.
      get cid () { return cidOfKey(key, codec) },
      length: value >>> 3,
      bytes: this.#bytes.get(key),
      place: places[value & 3] ?? 'memory'
    }
  }

  /** Puts a block in, in place of what is there of it. */
  set ({ cid, length, bytes, place }: StagedBlock): void {
    const { digest } = cid.multihash
    this.#blocks.set(digest, length << 3 | (cid.code === rawCodec ? 4 : 0) | places.indexOf(place))
    if (bytes === undefined) this.#bytes.delete(blockKey(cid))
    else this.#bytes.set(blockKey(cid), bytes)
  }

  delete (key: string): void {
    this.#blocks.delete(digestOfKey(key))
    this.#bytes.delete(key)
  }

  clear (): void {
    this.#blocks.clear()
    this.#bytes.clear()
  }

  /** Blocks in memory, as they are now. */
  inMemory (): StagedBlock[] {
    return [...this.#bytes.keys()].flatMap(key => this.get(key) ?? [])
  }

  /** Forgets the blocks that have no file of their own. */
  keepFiles (): void {
    const gone = [...this.#blocks].flatMap(([digest, value]) => places[value & 3] === 'file' ? [] : [keyOfDigest(digest)])
    for (const key of gone) this.delete(key)
  }
}
