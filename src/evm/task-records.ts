import { ChainError } from '../errors.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { chainReadAttemptsMax, taskReadConcurrency } from '../limits.ts'
import { findBlock } from './find-block.ts'
import { TaskHistories } from './task-history.ts'
import type { MinerRecord, TaskRecord } from '../interface/chain.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'
import type { Chain } from './chain.ts'
import type { QueueCalls, StoredAnswer, StoredTask } from './queue-calls.ts'
import type { Block } from './rpc-values.ts'
import type { MinerTimes } from './task-history.ts'
import type { EventFilter, TaskLogs } from './task-logs.ts'

/** What records are read from. */
export interface TaskRecordParts {
  chain: Chain
  calls: QueueCalls
  logs: TaskLogs
  /** The contract is not older. */
  fromBlock: bigint
  confirmations: number
}

const none = `0x${'00'.repeat(32)}`

/** Puts together what the contract keeps of a task and what its events say: both as of one block. */
export class TaskRecords {
  readonly #parts: TaskRecordParts

  constructor (parts: TaskRecordParts) {
    this.#parts = parts
  }

  /** @throws {@link ChainError} when there is no such task, no endpoint answers, or the answer is none */
  async read (task: TaskReference, options: AbortOptions): Promise<TaskRecord> {
    return await this.atOneBlock(options, async head => {
      const stored = await this.#task(task, head, options)
      const answers = await this.#parts.calls.answers(task, head.number, options)
      const histories = await this.#histories(stored, head, task, options)
      return record(task, stored, answers, histories.of(task.taskId))
    })
  }

  /**
   * What miners committed. Who precommitted first comes first: whoever copies a hash comes after those who have it.
   *
   * @throws {@link ChainError} when no endpoint answers, or the answer is none
   */
  async committed (task: TaskReference, options: AbortOptions): Promise<StoredAnswer[]> {
    return await this.atOneBlock(options, async head => {
      const answers = (await this.#parts.calls.answers(task, head.number, options)).filter(({ data }) => data !== '')
      if (answers.length < 2) return answers
      const stored = await this.#task(task, head, options)
      const order = (await this.#histories(stored, head, task, options)).precommitted(task.taskId)
      const placeOf = ({ miner }: StoredAnswer): number => order.includes(miner) ? order.indexOf(miner) : order.length
      return answers.sort((a, b) => placeOf(a) - placeOf(b))
    })
  }

  /** All tasks of a network session that a block knows. */
  async * all (session: NetworkSession, options: AbortOptions): AsyncGenerator<TaskRecord> {
    const { head, count, histories } = await this.atOneBlock(options, async head => {
      const count = await this.#parts.calls.taskCount(session, head.number, options)
      if (count === 0n) return { head, count, histories: new TaskHistories() }
      const { createdAt } = await this.#task({ ...session, taskId: '0' }, head, options)
      const { sessionId } = session
      return { head, count, histories: await this.#histories({ createdAt, finishedAt: 0n }, head, { sessionId }, options) }
    })
    for (let first = 0n; first < count; first += BigInt(taskReadConcurrency)) {
      const left = Number(count - first)
      const records: TaskRecord[] = []
      const indexes = Array.from({ length: Math.min(left, taskReadConcurrency) }).keys()
      await forEachConcurrent(indexes, taskReadConcurrency, async index => {
        const task = { ...session, taskId: (first + BigInt(index)).toString() }
        const stored = await this.#task(task, head, options)
        const answers = await this.#parts.calls.answers(task, head.number, options)
        records[index] = record(task, stored, answers, histories.of(task.taskId))
      })
      await this.#parts.logs.confirm(head, options)
      yield * records
    }
  }

  /** Reads again when the block is abandoned meanwhile. */
  async atOneBlock<T> (options: AbortOptions, read: (head: Block) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      const head = await this.#parts.chain.head(this.#parts.confirmations, options)
      try {
        const result = await read(head)
        await this.#parts.logs.confirm(head, options)
        return result
      } catch (error) {
        const mayBeMoved = error instanceof ChainError && error.retryable && attempt < chainReadAttemptsMax
        if (!mayBeMoved || await this.#isThere(head, options)) throw error
      }
    }
  }

  async #isThere ({ number, hash }: Block, options: AbortOptions): Promise<boolean> {
    return (await this.#parts.chain.block(number, options))?.hash === hash
  }

  async #task (task: TaskReference, { number }: Block, options: AbortOptions): Promise<StoredTask> {
    const stored = await this.#parts.calls.task(task, number, options)
    if (stored.createdAt > 0n) return stored
    throw new ChainError(`There is no task ${task.taskId} of session ${task.sessionId} at ${task.queue} in block ${number}`,
      { task, block: number.toString() })
  }

  async #histories ({ createdAt, finishedAt }: Pick<StoredTask, 'createdAt' | 'finishedAt'>, head: Block, filter: EventFilter,
    options: AbortOptions): Promise<TaskHistories> {
    const { chain, logs, fromBlock } = this.#parts
    const from = await findBlock(chain, createdAt, fromBlock, head.number, options)
    const after = finishedAt === 0n ? head.number + 1n : await findBlock(chain, finishedAt + 1n, from, head.number, options)
    const last = after > head.number ? head : await this.#end(after - 1n, options)
    const histories = new TaskHistories()
    for await (const { events } of logs.read(from, last, filter, options)) {
      for (const event of events) histories.add(event, event.time)
    }
    return histories
  }

  async #end (number: bigint, options: AbortOptions): Promise<Block> {
    const block = await this.#parts.chain.block(number, options)
    if (block === undefined) throw new ChainError(`There is no block ${number} any more; try again`, { block: number.toString() })
    return block
  }
}

function record (task: TaskReference, { data, ended, createdAt, finishedAt }: StoredTask, answers: readonly StoredAnswer[],
  times: ReadonlyMap<string, MinerTimes>): TaskRecord {
  return {
    task,
    data,
    createdAt: createdAt.toString(),
    ...(finishedAt > 0n ? { finishedAt: finishedAt.toString() } : {}),
    ended,
    miners: answers.map(({ miner, data: committed, hash }): MinerRecord => ({
      miner, ...times.get(miner), ...(hash === none ? {} : { hash }), ...(committed === '' ? {} : { data: committed })
    }))
  }
}
