import { PackedLinks } from '../format/packed-links.ts'
import type { DagLink } from './dag-pb-block.ts'

/** Names that are kept as one text. */
const namesTogether = 1024

const sizesMin = 8

/**
 * Entries of a directory on its way into blocks, in the order of their coming, in little more memory than the bytes of their
 * names and CIDs: there may be a million.
 */
export class DirectoryEntries {
  /** With a slash between them, which is in no name. */
  readonly #texts: string[] = []
  /** Those that came last. */
  #names: string[] = []
  readonly #cids = new PackedLinks()
  #sizes = new Float64Array(sizesMin)
  readonly #directories = new Map<string, number>()

  get length (): number {
    return this.#cids.length
  }

  /** Puts an entry in whose name is not there yet. */
  add (name: string, { cid, dagSize }: DagLink): void {
    const place = this.length
    this.#cids.push(cid)
    // What is moved frees what it was moved from at once: it would stay until the heap is looked through.
    if (place === this.#sizes.length) this.#sizes = new Float64Array(this.#sizes.buffer.transfer(this.#sizes.byteLength * 2))
    this.#sizes[place] = dagSize
    if (this.#names.push(name) < namesTogether) return
    this.#texts.push(this.#names.join('/'))
    this.#names = []
  }

  /** Puts a directory in, in place of what it was when it was put in before. */
  setDirectory (name: string, link: DagLink): void {
    const place = this.#directories.get(name)
    if (place === undefined) {
      this.#directories.set(name, this.length)
      this.add(name, link)
    } else {
      this.#cids.set(place, link.cid)
      this.#sizes[place] = link.dagSize
    }
  }

  /** In the order of their coming. */
  * names (): Generator<string> {
    for (const text of this.#texts) yield * text.split('/')
    yield * this.#names
  }

  /** The link under the name that came as the so many-th, from 0. */
  at (place: number): DagLink {
    const cid = this.#cids.at(place)
    if (cid === undefined) throw new RangeError(`There is no entry ${place}`)
    return { cid, dagSize: this.#sizes[place] ?? 0 }
  }
}
