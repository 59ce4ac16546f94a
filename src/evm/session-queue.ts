import { checkNumber, checkObject, checkOptional, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { parseUint256 } from '../format/uint256.ts'
import { chainPollMsDefault, chainTimeoutMsMax } from '../limits.ts'
import { Chain } from './chain.ts'
import { checkPlace } from './check-place.ts'
import { Endpoints } from './endpoints.ts'
import { QueueCalls } from './queue-calls.ts'
import { taskEventTypes } from './task-event.ts'
import { TaskLogs } from './task-logs.ts'
import { TaskRecords } from './task-records.ts'
import { watchTasks } from './watch-tasks.ts'
import { WatchedTasks } from './watched-tasks.ts'
import type { SessionQueue, TaskEvent, TaskRecord, WatchTasksOptions } from '../interface/chain.ts'
import type { AbortOptions, Address, Hex, Uint256 } from '../interface/primitives.ts'
import type { NetworkSession, TaskReference } from '../interface/task.ts'
import type { Claim } from '../interface/verdict.ts'

/** Where a session queue contract is, and who is asked about it. */
export interface SessionQueueInit {
  /** JSON-RPC endpoints of the chain, `http:` or `https:`, in the order in which they are asked: at most 8. They are believed. */
  rpcUrls: readonly string[]
  /** Each endpoint is asked for it once. */
  chainId: Uint256
  /** The contract `SessionQueueV2`. */
  address: Address
  /** The block of its creation, or an earlier one: nothing is looked for before it. By default the first. */
  fromBlock?: Uint256
  /** Blocks that have to be above one before it counts, 0 to 300. By default 0: then events may be withdrawn. */
  confirmations?: number
  /** Milliseconds for one answer of one endpoint, by default 10,000. */
  timeoutMs?: number
}

const pollMsMin = 50

/**
 * Reads tasks, results and events of a session queue contract. It writes nothing, and asks nobody before it is asked.
 *
 * @throws {@link InvalidArgumentError} when something is not of its form
 */
export function sessionQueue (init: SessionQueueInit): SessionQueue {
  return new EvmSessionQueue(checkInit(init))
}

class EvmSessionQueue implements SessionQueue {
  readonly id: string
  readonly #place: { chainId: Uint256, queue: Address }
  readonly #confirmations: number
  readonly #parts: { chain: Chain, logs: TaskLogs, calls: QueueCalls }
  readonly #records: TaskRecords

  constructor ({ rpcUrls, chainId, address, fromBlock, confirmations, timeoutMs }: Required<SessionQueueInit>) {
    this.id = `eip155:${chainId}:${address}`
    this.#place = { chainId, queue: address }
    this.#confirmations = confirmations
    const chain = new Chain(new Endpoints({ urls: rpcUrls, chainId, timeoutMs }))
    const parts = { chain, logs: new TaskLogs(chain, this.#place), calls: new QueueCalls(chain, address) }
    this.#parts = parts
    this.#records = new TaskRecords({ ...parts, fromBlock: BigInt(fromBlock), confirmations })
  }

  async readTask (task: TaskReference, options: AbortOptions = {}): Promise<TaskRecord> {
    checkOptions(options)
    return await this.#records.read(this.#checkTask(task), options)
  }

  async * readTasks (session: NetworkSession, options: AbortOptions = {}): AsyncGenerator<TaskRecord> {
    checkOptions(options)
    yield * this.#records.all(this.#checkSession(session), options)
  }

  async readTaskResults (task: TaskReference, options: AbortOptions = {}): Promise<Claim[]> {
    checkOptions(options)
    const answers = await this.#records.committed(this.#checkTask(task), options)
    return answers.map(({ miner, data, hash }) => ({ miner, ref: data, hash }))
  }

  readonly getHash = async (text: string, options: AbortOptions = {}): Promise<Hex> => {
    checkOptions(options)
    if (typeof (text as unknown) !== 'string') throw invalidArgument('text', 'text', text)
    const { chain, calls } = this.#parts
    return await calls.hash(text, (await chain.head(0, options)).number, options)
  }

  async * watchTasks (options: WatchTasksOptions = {}): AsyncGenerator<TaskEvent> {
    const { miner, sessionId, types, fromBlock, pollMs = chainPollMsDefault, onError, signal } = checkWatch(options)
    const tasks = new WatchedTasks({
      ...this.#parts,
      filter: { miner, sessionId, types },
      confirmations: this.#confirmations,
      fromBlock: fromBlock === undefined ? undefined : BigInt(fromBlock)
    })
    yield * watchTasks(tasks, { pollMs, onError, signal })
  }

  #checkTask (task: TaskReference): TaskReference {
    return { ...this.#checkSession(task), taskId: parseUint256(task.taskId, 'taskId') }
  }

  #checkSession (session: NetworkSession): NetworkSession {
    checkObject(session, 'session')
    const { chainId, queue } = this.#place
    if (session.chainId !== chainId) throw invalidArgument('chainId', `${chainId}, the chain that is read`, session.chainId)
    if (parseAddress(session.queue) !== queue) throw invalidArgument('queue', `${queue}, the contract that is read`, session.queue)
    return { chainId, queue, sessionId: parseUint256(session.sessionId, 'sessionId') }
  }
}

function checkInit (init: SessionQueueInit): Required<SessionQueueInit> {
  const place = checkPlace(init, 0)
  return { ...place, fromBlock: parseUint256(init.fromBlock ?? '0', 'fromBlock') }
}

function checkWatch (options: WatchTasksOptions): WatchTasksOptions {
  checkOptions(options)
  const { miner, sessionId, types, fromBlock, pollMs, onError }: WatchTasksOptions = options
  if (sessionId !== undefined) parseUint256(sessionId, 'sessionId')
  if (fromBlock !== undefined) parseUint256(fromBlock, 'fromBlock')
  if (types !== undefined) checkTypes(types)
  checkNumber(pollMs, 'pollMs', { min: pollMsMin, max: chainTimeoutMsMax })
  checkOptional(onError, 'onError', 'function')
  return miner === undefined ? options : { ...options, miner: parseAddress(miner) }
}

function checkTypes (types: unknown): void {
  checkTexts(types, 'types')
  const unknown = types.find(type => !(taskEventTypes as readonly string[]).includes(type))
  if (unknown !== undefined) throw invalidArgument('types', `of ${taskEventTypes.join(', ')}`, unknown)
}
