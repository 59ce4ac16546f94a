import { equals } from 'multiformats/bytes'
import { forEachConcurrent } from '../format/concurrent.ts'
import { Slots } from '../format/slots.ts'
import { tileHashes, tileReadConcurrency } from '../limits.ts'
import { EntryIndex } from './entry-index.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Gives all entries of a tile, as many as there are by now. */
export type ReadEntryTile = (tile: number) => Promise<readonly Uint8Array[]>

/** Finds entries of a log that grows. Each is read once, when somebody looks for the first time after it came. */
export class EntryFinder {
  readonly #read: ReadEntryTile
  readonly #turns = new Slots(1)
  readonly #index = new EntryIndex()
  /** Entries that are in the index: the first ones. */
  #size = 0

  constructor (read: ReadEntryTile) {
    this.#read = read
  }

  /** Index of an entry among the first `size`; undefined when it is not among them. */
  async find (entry: Uint8Array, size: number, options: AbortOptions = {}): Promise<number | undefined> {
    if (this.#size < size) await this.#turns.run(() => this.#readTo(size), options)
    for (const candidate of this.#index.candidates(entry)) {
      if (candidate >= size) continue
      const tile = await this.#read(Math.floor(candidate / tileHashes))
      const found = tile[candidate % tileHashes]
      if (found !== undefined && equals(found, entry)) return candidate
    }
    return undefined
  }

  async #readTo (size: number): Promise<void> {
    const from = this.#size
    const first = Math.floor(from / tileHashes)
    const tiles = Array.from({ length: Math.max(0, Math.ceil(size / tileHashes) - first) }, (_, at) => first + at)
    await forEachConcurrent(tiles, tileReadConcurrency, async tile => {
      for (const [at, entry] of (await this.#read(tile)).entries()) {
        const index = tile * tileHashes + at
        if (index >= from && index < size) this.#index.add(entry, index)
      }
    })
    this.#size = Math.max(this.#size, size)
  }
}
