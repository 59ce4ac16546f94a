import { PackedLinks } from '../format/packed-links.ts'
import type { DagLink } from './unixfs-writer.ts'

/** Entries of a directory on its way into blocks, by names and in the order of their coming: little more than names is kept. */
export class DirectoryEntries implements Iterable<[name: string, link: DagLink]> {
  readonly #places = new Map<string, number>()
  readonly #cids = new PackedLinks()
  readonly #sizes: number[] = []

  /** Puts an entry in, in place of one of that name. */
  set (name: string, { cid, dagSize }: DagLink): void {
    const place = this.#places.get(name) ?? this.#cids.length
    if (place === this.#cids.length) this.#cids.push(cid)
    else this.#cids.set(place, cid)
    this.#places.set(name, place)
    this.#sizes[place] = dagSize
  }

  * [Symbol.iterator] (): Generator<[name: string, link: DagLink], undefined> {
    for (const [name, place] of this.#places) {
      const cid = this.#cids.at(place)
      if (cid !== undefined) yield [name, { cid, dagSize: this.#sizes[place] ?? 0 }]
    }
    return undefined
  }
}
