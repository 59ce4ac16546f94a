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

/** Of the first byte of a digest: blocks with the same ones are beside each other. */
const sortedBits = 6

/**
 * Blocks of a bundle, each once, in some fifty bytes each: in the order of its DAG, and then those with files of their own as
 * good as sorted, as the index has them. Of a large bundle it would merge every table that it writes with all others otherwise,
 * and have them all in memory for that.
 */
export class CommitList implements Iterable<IndexedBlock> {
  /** Length of a block, and its place, two bits. */
  readonly #blocks: (DigestMap | undefined)[] = Array.from({ length: 1 + 2 ** sortedBits })
  /** Where those of the CAR start in it. */
  readonly #offsets = new Map<string, number>()
  #bytes = 0

  get size (): number {
    return this.#blocks.reduce((sum, blocks) => sum + (blocks?.size ?? 0), 0)
  }

  /** Of all blocks. */
  get bytes (): number {
    return this.#bytes
  }

  add ({ cid, place, length }: CommitBlock): void {
    const { digest } = cid.multihash
    const blocks = this.#blocks[place === 'file' ? fileGroupOf(digest) : 0] ??= new DigestMap()
    blocks.set(digest, length << 2 | places.indexOf(place))
    this.#bytes += length
  }

  /** True when a block with this digest is there, in a file of its own. */
  hasFile (digest: Uint8Array): boolean {
    return this.#blocks[fileGroupOf(digest)]?.has(digest) === true
  }

  /** Says where a block starts in the CAR. */
  locate (key: string, offset: number): void {
    this.#offsets.set(key, offset)
  }

  * [Symbol.iterator] (): Generator<IndexedBlock, undefined> {
    for (const blocks of this.#blocks) {
      for (const [digest, value] of blocks ?? []) {
        const key = keyOfDigest(digest)
        yield { key, length: value >>> 2, offset: this.#offsets.get(key) ?? 0, place: places[value & 3] ?? 'elsewhere' }
      }
    }
    return undefined
  }
}

function fileGroupOf ([first = 0]: Uint8Array): number {
  return 1 + (first >> (8 - sortedBits))
}
