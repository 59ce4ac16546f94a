import { ChainError } from '../errors.ts'
import { concerns, decodeTaskEvent, taskEventTopics } from './task-event.ts'
import type { TaskEvent } from '../interface/chain.ts'
import type { AbortOptions, Address, Uint256 } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'
import type { Block, Log } from './rpc-values.ts'
import type { QueuePlace, UntimedEvent } from './task-event.ts'

/** Which events are wanted. */
export interface EventFilter {
  miner?: Address | undefined
  sessionId?: Uint256 | undefined
  taskId?: Uint256 | undefined
  types?: readonly TaskEvent['type'][] | undefined
}

/** What the queue said in some blocks, up to `end`. */
export interface EventRange {
  end: Block
  events: TaskEvent[]
}

/** Reads what a session queue said, and filters it: nothing in its logs can be filtered by an endpoint. */
export class TaskLogs {
  readonly #chain: Chain
  readonly #place: QueuePlace

  constructor (chain: Chain, place: QueuePlace) {
    this.#chain = chain
    this.#place = place
  }

  /**
   * Events from a block to one whose hash is known. All that is given is of the one chain that ends there.
   *
   * @throws {@link ChainError} when the chain was reorganised meanwhile, no endpoint answers, or the answer is none
   */
  async * read (from: bigint, head: Block, filter: EventFilter, options: AbortOptions): AsyncGenerator<EventRange> {
    const decode = (log: Log): UntimedEvent => decodeTaskEvent(log, this.#place)
    const asked = { address: this.#place.queue, events: taskEventTopics, decode }
    for await (const { to, logs } of this.#chain.logs(asked, from, head.number, options)) {
      const events = await this.#timed(logs.filter(event => isWanted(event, filter)), options)
      const end = to === head.number ? head : await this.#existing(to, options)
      await this.confirm(head, options)
      yield { end, events }
    }
  }

  /** @throws {@link ChainError} when a block is not in the chain any more */
  async confirm (head: Block, options: AbortOptions): Promise<void> {
    const { hash } = await this.#existing(head.number, options)
    if (hash !== head.hash) throw reorganised(head.number)
  }

  async #timed (events: readonly UntimedEvent[], options: AbortOptions): Promise<TaskEvent[]> {
    const timed: TaskEvent[] = []
    let block: Block | undefined
    for (const event of events) {
      const number = BigInt(event.blockNumber)
      if (block?.number !== number) block = await this.#existing(number, options)
      if (block.hash !== event.blockHash) throw reorganised(number)
      timed.push({ ...event, time: block.time.toString() })
    }
    return timed
  }

  async #existing (number: bigint, options: AbortOptions): Promise<Block> {
    const block = await this.#chain.block(number, options)
    if (block === undefined) throw reorganised(number)
    return block
  }
}

function isWanted (event: UntimedEvent, { miner, sessionId, taskId, types }: EventFilter): boolean {
  return (sessionId === undefined || event.task.sessionId === sessionId) &&
    (taskId === undefined || event.task.taskId === taskId) &&
    (types === undefined || types.includes(event.type)) &&
    (miner === undefined || concerns(event, miner))
}

function reorganised (number: bigint): ChainError {
  return new ChainError(`Block ${number} is not the one any more that it was: the chain was reorganised while it was read; try again`,
    { block: number.toString() })
}
