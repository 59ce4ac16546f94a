/**
 * Places in a DAG.
 *
 * A position is the list of link indexes that lead from the root to a block: empty is the root, `[2, 0]` is the first link of the
 * root's third link. Indexes count from 0 over all links of a block, repetitions included. A block that is linked more than
 * once has several positions.
 *
 * Positions are in depth-first order (pre-order): a block comes before what it links to, and links come in their order. So of two
 * positions the one that is a prefix of the other comes first; otherwise the first index that differs decides. A position
 * needs not exist to be the border of an interval.
 */
import type { DagPosition } from '../interface/transfer.ts'

/** Negative when `a` comes before `b`, positive when after, 0 when they are equal. */
export function comparePositions (a: DagPosition, b: DagPosition): number {
  const shared = Math.min(a.length, b.length)
  for (let depth = 0; depth < shared; depth++) {
    const difference = (a[depth] ?? 0) - (b[depth] ?? 0)
    if (difference !== 0) return difference
  }
  return a.length - b.length
}

/** The first position after everything below `position`; undefined for the root, which has everything below it. */
export function nextSibling (position: DagPosition): DagPosition | undefined {
  const last = position.at(-1)
  return last === undefined ? undefined : [...position.slice(0, -1), last + 1]
}

/** The first position below `position`, and the first one after `position` alone. */
export function firstChild (position: DagPosition): DagPosition {
  return [...position, 0]
}

/** True when `ancestor` is above `position`. */
export function isAbove (ancestor: DagPosition, position: DagPosition): boolean {
  return ancestor.length < position.length && ancestor.every((index, depth) => index === position[depth])
}
