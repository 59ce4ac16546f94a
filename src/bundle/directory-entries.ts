import { PackedLinks } from '../format/packed-links.ts'
import type { DagLink } from './unixfs-writer.ts'

/** Entries of a directory on its way into blocks, by names and in the order of their coming: little more than names is kept. */
export class DirectoryEntries implements Iterable<[name: string, link: DagLink]> {
  readonly #places = new Map<string, number>()
  readonly #cids = new PackedLinks()
  readonly #sizes: number[] = []

  constructor (entries: Iterable<readonly [name: string, link: DagLink]> = []) {
    for (const [name, link] of entries) this.set(name, link)
  }

  get length (): number {
    return this.#cids.length
  }

  /** Puts an entry in, in place of one of that name. */
  set (name: string, { cid, dagSize }: DagLink): void {
    const place = this.#places.get(name) ?? this.#cids.length
    if (place === this.#cids.length) this.#cids.push(cid)
    else this.#cids.set(place, cid)
    this.#places.set(name, place)
    this.#sizes[place] = dagSize
  }

  /** In the order of their coming. */
  names (): Iterable<string> {
    return this.#places.keys()
  }

  /** The link under the name that came as the so many-th, from 0. */
  at (place: number): DagLink {
    const [cid, dagSize] = [this.#cids.at(place), this.#sizes[place]]
    if (cid === undefined || dagSize === undefined) throw new RangeError(`A directory has no entry ${place}`)
    return { cid, dagSize }
  }

  * [Symbol.iterator] (): Generator<[name: string, link: DagLink], undefined> {
    for (const [name, place] of this.#places) yield [name, this.at(place)]
    return undefined
  }
}
