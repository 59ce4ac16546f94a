import { InvalidArgumentError } from '../errors.ts'
import { checkCount } from './checks.ts'
import { GrowingTree } from './growing-tree.ts'
import { wayDown } from './subtrees.ts'
import type { EntryRange } from './subtrees.ts'

/** Makes the inclusion proof of one entry while all entries of its tree go by, once and in their order. Keeps hashes only. */
export class StreamedInclusion {
  readonly #index: number
  readonly #size: number
  readonly #beside: { range: EntryRange, tree: GrowingTree }[]
  #at: number
  #entry: Uint8Array | undefined

  /**
   * @param before - the entries before that one, where they have gone by already
   * @throws {@link InvalidArgumentError} when a tree of that size has no such entry, or others are before it
   */
  constructor (index: number, size: number, before?: GrowingTree) {
    checkCount(index, 'index')
    checkCount(size, 'size')
    if (index >= size) throw new InvalidArgumentError(`A tree of ${size} entries has no entry ${index}`, { index, size })
    if (before !== undefined && before.size !== index) {
      throw new InvalidArgumentError(`${index} entries are before entry ${index}, and ${before.size} were given`, { index, actual: before.size })
    }
    this.#index = index
    this.#size = size
    this.#at = before?.size ?? 0
    const { beside } = wayDown(index, size, ({ from, to }) => to - from === 1)
    // What is on the left of the way down are the complete subtrees before the entry, and both have the smallest at one end.
    const complete = before?.frontier ?? []
    this.#beside = beside.map(range => {
      const size = range.to - range.from
      const isComplete = before !== undefined && range.to <= index
      return { range, tree: isComplete ? new GrowingTree({ size, frontier: complete.splice(-1) }) : new GrowingTree() }
    })
  }

  /** Takes the next entry; those beyond the size are not of this tree. */
  append (entry: Uint8Array): void {
    const at = this.#at++
    if (at === this.#index) this.#entry = entry.slice()
    else this.#beside.find(({ range: { from, to } }) => at >= from && at < to)?.tree.append(entry)
  }

  /**
   * The entry and its proof, once all entries have gone by.
   *
   * @throws {@link InvalidArgumentError} when there were more or fewer than the size says
   */
  end (): { entry: Uint8Array, hashes: Uint8Array[] } {
    if (this.#at !== this.#size || this.#entry === undefined) {
      throw new InvalidArgumentError(`A tree of ${this.#size} entries was said, and ${this.#at} came`, { size: this.#size, actual: this.#at })
    }
    return { entry: this.#entry, hashes: this.#beside.map(({ tree }) => tree.root) }
  }
}
