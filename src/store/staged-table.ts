import type { CID } from 'multiformats/cid'
import { dagPbCodec, rawCodec } from '../format/dag-links.ts'
import { DigestMap } from '../format/digest-map.ts'
import { cidOfKey, digestOfKey, isStorable, keyOfDigest } from './block-key.ts'

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
  readonly #bytes = new HeldBytes()

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
    return { cid: cidOfKey(key, codec), length: value >>> 3, bytes: this.#bytes.get(digest), place: places[value & 3] ?? 'memory' }
  }

  /** Puts a block in, in place of what is there of it. */
  set ({ cid, length, bytes, place }: StagedBlock): void {
    const { digest } = cid.multihash
    this.#blocks.set(digest, length << 3 | (cid.code === rawCodec ? 4 : 0) | places.indexOf(place))
    this.#bytes.set(digest, bytes)
  }

  delete (key: string): void {
    const digest = digestOfKey(key)
    this.#blocks.delete(digest)
    this.#bytes.set(digest, undefined)
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

/** Bytes of the blocks that are in memory, in places that are taken again: as many come as go, a hundred thousand times over. */
class HeldBytes {
  readonly #slots: (Uint8Array | undefined)[] = []
  readonly #slotOf = new DigestMap()
  readonly #free: number[] = []

  get (digest: Uint8Array): Uint8Array | undefined {
    const slot = this.#slotOf.get(digest)
    return slot === undefined ? undefined : this.#slots[slot]
  }

  set (digest: Uint8Array, bytes: Uint8Array | undefined): void {
    const known = this.#slotOf.get(digest)
    if (bytes !== undefined) {
      const slot = known ?? this.#free.pop() ?? this.#slots.length
      this.#slotOf.set(digest, slot)
      this.#slots[slot] = bytes
    } else if (known !== undefined) {
      this.#slotOf.delete(digest)
      this.#slots[known] = undefined
      this.#free.push(known)
    }
  }

  clear (): void {
    this.#slotOf.clear()
    this.#slots.length = 0
    this.#free.length = 0
  }

  * keys (): Generator<string, undefined> {
    for (const [digest] of this.#slotOf) yield keyOfDigest(digest)
    return undefined
  }
}
