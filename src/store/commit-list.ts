import type { CID } from 'multiformats/cid'
import { DigestMap } from '../format/digest-map.ts'
import type { BlockPlace } from './block-location.ts'
import { keyOfDigest } from './block-key.ts'
import type { IndexedBlock } from './index-changes.ts'

/** A block of a bundle that is to be committed. */
export interface CommitBlock {
  cid: CID
  /** `car` when it is to be in the bundle's CAR. */
  place: BlockPlace
  length: number
}

const places: readonly BlockPlace[] = ['car', 'file', 'elsewhere']

/** Blocks of a bundle in the order of its DAG, each once, in some fifty bytes each. */
export class CommitList implements Iterable<IndexedBlock> {
  /** Length of a block, and its place, two bits. */
  readonly #blocks = new DigestMap()
  /** Where those of the CAR start in it. */
  readonly #offsets = new Map<string, number>()
  #bytes = 0

  get size (): number {
    return this.#blocks.size
  }

  /** Of all blocks. */
  get bytes (): number {
    return this.#bytes
  }

  add ({ cid, place, length }: CommitBlock): void {
    this.#blocks.set(cid.multihash.digest, length << 2 | places.indexOf(place))
    this.#bytes += length
  }

  /** True when a block with this digest is there, in a file of its own. */
  hasFile (digest: Uint8Array): boolean {
    const value = this.#blocks.get(digest)
    return value !== undefined && places[value & 3] === 'file'
  }

  /** Says where a block starts in the CAR. */
  locate (key: string, offset: number): void {
    this.#offsets.set(key, offset)
  }

  * [Symbol.iterator] (): Generator<IndexedBlock, undefined> {
    for (const [digest, value] of this.#blocks) {
      const key = keyOfDigest(digest)
      yield { key, length: value >>> 2, offset: this.#offsets.get(key) ?? 0, place: places[value & 3] ?? 'elsewhere' }
    }
    return undefined
  }
}
