import type { CID } from 'multiformats/cid'
import { dagPbCodec, rawCodec } from '../format/dag-links.ts'
import { DigestMap } from '../format/digest-map.ts'
import { TransientMap } from '../format/transient-map.ts'
import { rereadBlockBytesMax, rereadBytesMax } from '../limits.ts'
import { blockKey, cidOfKey, digestOfKey, isStorable, keyOfDigest } from './block-key.ts'

/** Where a block is that was put: `store` when another bundle has it. */
export type StagedPlace = 'memory' | 'file' | 'store'

/** A block that is put. `bytes` are there until they are in a file of their own or turn out to be stored already. */
export interface PutBlock {
  cid: CID
  length: number
  bytes: Uint8Array | undefined
  place: StagedPlace
}

/** A block that was put, as it was when it was asked for. Its CID is made when that is asked for: few need it. */
export class StagedBlock implements Readonly<PutBlock> {
  readonly #key: string
  /** As in the table. */
  readonly #value: number
  readonly bytes: Uint8Array | undefined

  constructor (key: string, value: number, bytes: Uint8Array | undefined) {
    this.#key = key
    this.#value = value
    this.bytes = bytes
  }

  get cid (): CID {
    return cidOfKey(this.#key, (this.#value & 4) === 0 ? dagPbCodec : rawCodec)
  }

  get length (): number {
    return this.#value >>> 3
  }

  get place (): StagedPlace {
    return places[this.#value & 3] ?? 'memory'
  }
}

const places: readonly StagedPlace[] = ['memory', 'file', 'store']

/** Blocks that were put, each with its bytes for as long as these are in memory, and in some fifty bytes then. */
export class StagedTable {
  /** Length of a block, 21 bits and one, then whether it is raw, a bit, and its place, two bits. */
  readonly #blocks = new DigestMap()
  /** Of those that are in memory, by their keys. */
  readonly #bytes = new TransientMap<string, Uint8Array>()
  /** Of small ones that have files, and are read again when the bundle is checked and committed. */
  readonly #reread = new Map<string, Uint8Array>()
  #rereadBytes = 0

  get size (): number {
    return this.#blocks.size
  }

  has (cid: CID): boolean {
    return isStorable(cid) && this.#blocks.has(cid.multihash.digest)
  }

  get (key: string): StagedBlock | undefined {
    const value = this.#blocks.get(digestOfKey(key))
    return value === undefined ? undefined : new StagedBlock(key, value, this.#bytes.get(key) ?? this.#reread.get(key))
  }

  /** Puts a block in, in place of what is there of it. */
  set ({ cid, length, bytes, place }: PutBlock): void {
    const { digest } = cid.multihash
    this.#blocks.set(digest, length << 3 | (cid.code === rawCodec ? 4 : 0) | places.indexOf(place))
    if (bytes === undefined) this.#bytes.delete(blockKey(cid))
    else this.#bytes.set(blockKey(cid), bytes)
  }

  /** Says where a block is that is not in memory any more. */
  move (key: string, place: Exclude<StagedPlace, 'memory'>): void {
    const digest = digestOfKey(key)
    const value = this.#blocks.get(digest)
    if (value !== undefined) this.#blocks.set(digest, (value & ~3 | places.indexOf(place)) >>> 0)
    const bytes = this.#bytes.get(key)
    this.#bytes.delete(key)
    if (place === 'file' && bytes !== undefined) this.#keep(key, bytes)
  }

  delete (key: string): void {
    this.#blocks.delete(digestOfKey(key))
    this.#bytes.delete(key)
    this.#rereadBytes -= this.#reread.get(key)?.byteLength ?? 0
    this.#reread.delete(key)
  }

  clear (): void {
    this.#blocks.clear()
    this.#bytes.clear()
    this.#forgetReread()
  }

  /** Keys of the blocks in memory, as they are now. */
  inMemory (): string[] {
    return [...this.#bytes.keys()]
  }

  /** Forgets the blocks that have no file of their own. */
  keepFiles (): void {
    const gone = [...this.#blocks].flatMap(([digest, value]) => places[value & 3] === 'file' ? [] : [keyOfDigest(digest)])
    for (const key of gone) this.delete(key)
    this.#forgetReread()
  }

  #keep (key: string, bytes: Uint8Array): void {
    const { byteLength: length } = bytes
    if (this.#reread.has(key) || length > rereadBlockBytesMax || this.#rereadBytes + length > rereadBytesMax) return
    // What it is in may be used for something else from now on.
    this.#reread.set(key, new Uint8Array(bytes))
    this.#rereadBytes += length
  }

  #forgetReread (): void {
    this.#reread.clear()
    this.#rereadBytes = 0
  }
}
