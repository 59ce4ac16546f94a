import { ChainError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'

/**
 * Finds the first block whose time is this one or later, by bisection: a chain's blocks are in the order of their times.
 *
 * @param time - seconds since 1970
 * @param from - a block that is known not to come after it
 * @param to - a block that there is
 * @returns `to + 1n` when all are earlier
 * @throws {@link ChainError} when no endpoint answers
 */
export async function findBlock (chain: Pick<Chain, 'block'>, time: bigint, from: bigint, to: bigint, options: AbortOptions): Promise<bigint> {
  let [low, high] = [from, to + 1n]
  while (low < high) {
    const middle = (low + high) / 2n
    const block = await chain.block(middle, options)
    if (block === undefined) throw new ChainError(`There is no block ${middle} any more; try again`, { block: middle.toString() })
    if (block.time < time) low = middle + 1n
    else high = middle
  }
  return low
}
