import { ChainError } from '../errors.ts'
import { withdrawableEventsMax } from '../limits.ts'
import type { TaskEvent } from '../interface/chain.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'
import type { Block } from './rpc-values.ts'
import type { EventFilter, TaskLogs } from './task-logs.ts'

/** What is watched, and how. */
export interface WatchedTasksInit {
  chain: Chain
  logs: TaskLogs
  filter: EventFilter
  confirmations: number
  /** The first block that is looked at. By default the one after the newest. */
  fromBlock?: bigint | undefined
}

/** A block up to which all was said. */
type End = Pick<Block, 'number' | 'hash'>

/** More was abandoned than is remembered: no waiting mends that. */
class TooDeepError extends ChainError {
  override readonly retryable = false
}

/**
 * How far a chain was looked at, and what was said of it. Blocks that were once the last one are remembered, and all that was
 * said after the first of them: the newest that is still in the chain is where it was left for another one.
 */
export class WatchedTasks {
  readonly #init: WatchedTasksInit
  /** In the order of their numbers; empty before the first look. */
  #ends: End[] = []
  /** What was said of blocks above the first of them. */
  #said: TaskEvent[] = []

  constructor (init: WatchedTasksInit) {
    this.#init = init
  }

  /**
   * Looks once: takes back what stood in abandoned blocks, the last one first, and gives what has come. After an error it goes on
   * where it was.
   *
   * @throws {@link ChainError} when no endpoint answers, or more was abandoned than is remembered
   */
  async * look (options: AbortOptions): AsyncGenerator<TaskEvent> {
    const { chain, logs, filter, confirmations } = this.#init
    const head = await chain.head(confirmations, options)
    const start = this.#ends.length === 0 ? await this.#begin(head, options) : await this.#fork(options)
    if (start === undefined) return
    for (let last = this.#said.at(-1); last !== undefined && BigInt(last.blockNumber) > start.number; last = this.#said.at(-1)) {
      this.#said.pop()
      yield { ...last, removed: true }
    }
    for await (const { end, events } of logs.read(start.number + 1n, head, filter, options)) {
      this.#ends = this.#ends.concat(blocksOf(events).filter(({ number }) => number < end.number), end)
      this.#said = this.#said.concat(events)
      yield * events
      this.#forget()
    }
  }

  /** The block before the first one that is looked at; undefined while there is none. */
  async #begin (head: Block, options: AbortOptions): Promise<End | undefined> {
    const { fromBlock = head.number + 1n, chain } = this.#init
    const before = fromBlock === 0n ? genesis : fromBlock > head.number ? head : await chain.block(fromBlock - 1n, options)
    if (before === undefined || fromBlock > head.number + 1n) return undefined
    this.#ends = [before]
    return before
  }

  /** The newest block that was an end and is still in the chain; undefined when the chain is shorter, or its endpoint behind. */
  async #fork (options: AbortOptions): Promise<End | undefined> {
    for (let last = this.#ends.at(-1); last !== undefined; last = this.#ends.at(-1)) {
      if (last === genesis) return last
      const now = await this.#init.chain.block(last.number, options)
      if (now === undefined) return undefined
      if (now.hash === last.hash) return last
      if (this.#ends.length === 1) throw tooDeep(last.number)
      this.#ends.pop()
    }
    return undefined
  }

  /** Whatever was said after a block that is remembered has to be remembered too. */
  #forget (): void {
    const tooMany = Math.max(this.#said.length - withdrawableEventsMax, 0)
    const forgotten = this.#said.splice(0, tooMany).at(-1)
    const first = this.#ends.findIndex(({ number }) => forgotten === undefined || number >= BigInt(forgotten.blockNumber))
    this.#ends = this.#ends.slice(Math.max(first, this.#ends.length - withdrawableEventsMax))
    const [oldest] = this.#ends
    if (oldest === undefined) return
    const kept = this.#said.findIndex(({ blockNumber }) => BigInt(blockNumber) > oldest.number)
    this.#said = kept === -1 ? [] : this.#said.slice(kept)
  }
}

/** Before the first block of all: nobody can abandon it. */
const genesis: End = { number: -1n, hash: '0x' }

/** The blocks that events stand in, each once. */
function blocksOf (events: readonly TaskEvent[]): End[] {
  return events.filter(({ blockNumber }, index) => events[index + 1]?.blockNumber !== blockNumber)
    .map(({ blockNumber, blockHash }) => ({ number: BigInt(blockNumber), hash: blockHash }))
}

function tooDeep (number: bigint): ChainError {
  return new TooDeepError(`Block ${number} was abandoned, and nothing before it is remembered: watch anew from an earlier block`,
    { block: number.toString() })
}
