/**
 * How trees and parts of them divide into complete subtrees. Numbers go up to 2^53 - 1, so that they are divided, not shifted.
 */
import type { TreeNode } from '../interface/merkle.ts'

/** Entries that stand side by side: from the first one, up to and without the last. */
export interface EntryRange {
  from: number
  to: number
}

/** Entries of the left half of a tree: the largest power of two below its size, which is two or more. */
export function leftHalf (size: number): number {
  let half = 1
  while (half * 2 < size) half *= 2
  return half
}

/**
 * Goes down from the root to the first subtree that has an entry and is one that is looked for. Gives it, and what is beside the
 * way there, the lowest first.
 */
export function wayDown (
  index: number, size: number, isFound: (subtree: EntryRange) => boolean
): { found: EntryRange, beside: EntryRange[] } {
  const beside: EntryRange[] = []
  let [from, to] = [0, size]
  while (!isFound({ from, to })) {
    const middle = from + leftHalf(to - from)
    beside.push(index < middle ? { from: middle, to } : { from, to: middle })
    ;[from, to] = index < middle ? [from, middle] : [middle, to]
  }
  return { found: { from, to }, beside: beside.reverse() }
}

/**
 * The complete subtrees that make up a range, the largest first. The range starts where a subtree of its size may: at 0, or
 * where halving a tree led to.
 */
export function subtreesOf ({ from, to }: EntryRange): TreeNode[] {
  const nodes: TreeNode[] = []
  for (let start = from; start < to;) {
    let [level, entries] = [0, 1]
    while (entries * 2 <= to - start) [level, entries] = [level + 1, entries * 2]
    nodes.push({ level, index: start / entries })
    start += entries
  }
  return nodes
}

/**
 * On which side of the way from an entry up to the root the hashes of its proof are, the first one nearest to the entry
 * (RFC 9162 section 2.1.3.2). A level where the way has nothing beside it has none.
 */
export function sidesOf (index: number, size: number): ('left' | 'right')[] {
  const sides: ('left' | 'right')[] = []
  for (let [at, last] = [index, size - 1]; last > 0; [at, last] = [half(at), half(last)]) {
    if (at % 2 === 1) sides.push('left')
    else if (at < last) sides.push('right')
  }
  return sides
}

/** Half of a number, rounded down. */
export function half (number: number): number {
  return Math.floor(number / 2)
}
