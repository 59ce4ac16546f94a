import { InvalidArgumentError } from '../errors.ts'
import type { HashedNode } from '../interface/merkle.ts'
import { checkCount, checkHash } from './checks.ts'
import { hashChildren, hashEntry, hashSubtrees } from './hashing.ts'
import { half, subtreesOf } from './subtrees.ts'

/** Where a tree was left: its size, and the hashes of its complete subtrees, the largest first. */
export interface TreeFrontier {
  size: number
  frontier: readonly Uint8Array[]
}

/** A tree that entries are appended to. It keeps one hash for each bit that is set in its size, and no entry. */
export class GrowingTree {
  #size: number
  readonly #frontier: Uint8Array[]

  /**
   * @param from - where to go on; the empty tree when absent
   * @throws {@link InvalidArgumentError} when the frontier is not one of that size
   */
  constructor ({ size, frontier }: TreeFrontier = { size: 0, frontier: [] }) {
    checkCount(size, 'size')
    const expected = subtreesOf({ from: 0, to: size }).length
    if (frontier.length !== expected) {
      throw new InvalidArgumentError(`A tree of ${size} entries has ${expected} complete subtrees; ${frontier.length} hashes were given`,
        { size, expected, actual: frontier.length })
    }
    for (const [at, hash] of frontier.entries()) checkHash(hash, `hash ${at} of the frontier`)
    this.#size = size
    this.#frontier = [...frontier]
  }

  /** Entries so far. */
  get size (): number {
    return this.#size
  }

  /** Hashes of the complete subtrees so far, the largest first. */
  get frontier (): Uint8Array[] {
    return [...this.#frontier]
  }

  /** Hash of the tree so far. */
  get root (): Uint8Array {
    return hashSubtrees(this.#frontier)
  }

  /**
   * Appends one entry.
   *
   * @returns the subtrees that are complete now and were not before, the smallest first: the entry's own, and those that end
   *   with it. They never change again, and every proof is made from them: store those that a reader is to give.
   */
  append (entry: Uint8Array): HashedNode[] {
    let [level, index, hash] = [0, this.#size, hashEntry(entry)]
    const complete: HashedNode[] = [{ level, index, hash }]
    for (let left = this.#leftOf(index); left !== undefined; left = this.#leftOf(index)) {
      ;[level, index, hash] = [level + 1, half(index), hashChildren(left, hash)]
      complete.push({ level, index, hash })
    }
    this.#frontier.push(hash)
    this.#size++
    return complete
  }

  /** The subtree of the same size on the left, taken from the frontier; undefined when the one on the right has to come first. */
  #leftOf (index: number): Uint8Array | undefined {
    return index % 2 === 1 ? this.#frontier.pop() : undefined
  }
}
