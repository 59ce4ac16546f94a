import type { AbortOptions, Address, Hex, Uint256 } from './primitives.ts'
import type { NetworkSession, TaskReference } from './task.ts'
import type { Claim } from './verdict.ts'

/** What one miner did for a task, as the chain saw it. Times are of blocks, in seconds since 1970; absent where it never came. */
export interface MinerRecord {
  miner: Address
  assignedAt?: Uint256
  acknowledgedAt?: Uint256
  precommittedAt?: Uint256
  committedAt?: Uint256
  /** The 32 bytes of the precommit. */
  hash?: Hex
  /** What was committed: a URN, if it is one of this library's. */
  data?: string
}

/** A task on chain, with all that happened to it. */
export interface TaskRecord {
  task: TaskReference
  /** What was submitted: a URN, if it is one of this library's. */
  data: string
  createdAt: Uint256
  /** Absent until it has ended. */
  finishedAt?: Uint256
  ended: boolean
  /** The assigned miners, in the contract's order. */
  miners: MinerRecord[]
}

/** Reads tasks from a chain. `cortensor-datanode/evm` has one for the session queue contract. */
export interface TaskReader {
  /**
   * @throws ChainError when no endpoint answers, or the answer is none
   */
  readTask(task: TaskReference, options?: AbortOptions): Promise<TaskRecord>
  /** All tasks of a network session, in their order. */
  readTasks(session: NetworkSession, options?: AbortOptions): AsyncIterable<TaskRecord>
}

/** Where an event stands: in a block of the chain as it was when it was read. */
export interface EventPlace {
  task: TaskReference
  blockNumber: Uint256
  blockHash: Hex
  /** The block's own time, in seconds since 1970. */
  time: Uint256
  transaction: Hex
  /** Counts the logs of its block. */
  logIndex: number
  /** True when its block was abandoned: what was said before is taken back. */
  removed: boolean
}

/** What the session queue said about a task, by what it names beside the task. */
export type TaskEvent = EventPlace & (
  | { type: 'queued', data: string }
  | { type: 'assigned' | 'all-precommitted' | 'all-committed' | 'ended', miners: Address[] }
  | { type: 'acknowledged' | 'precommitted' | 'committed', miner: Address }
  | { type: 'precommit-over' | 'commit-over' })

/** What is watched for, and from where on. */
export interface WatchTasksOptions extends AbortOptions {
  /** Leaves out events that name miners and not this one. Those that name none, such as `precommit-over`, come for all tasks. */
  miner?: Address
  /** Only tasks of this network session. */
  sessionId?: Uint256
  /** By default all. */
  types?: readonly TaskEvent['type'][]
  /** The first block: what came since then is caught up. By default the one after the newest. */
  fromBlock?: Uint256
  /** Milliseconds between two looks, 50 or more. By default 2,000. */
  pollMs?: number
  /** Told when no endpoint answers; it is tried again, and what was missed is caught up. */
  onError?: (error: Error) => void
}

/** The session queue contract of a chain, to be read. Nothing is ever written. */
export interface SessionQueue extends TaskReader {
  /** `eip155:<chain id>:<contract>` (CAIP-10). */
  readonly id: string
  /**
   * What miners committed for a task, ready for {@link index.DataNode.verifyResults | verifyResults}: whoever has committed
   * nothing is not in it. A result that is no URN of this library is, and its verdict will be `malformed`. Who precommitted first
   * comes first: of two who claim one root that nobody can read, the later one copied.
   *
   * @throws ChainError when no endpoint answers, or the answer is none
   */
  readTaskResults(task: TaskReference, options?: AbortOptions): Promise<Claim[]>
  /**
   * What the contract makes of a text: the hash of a precommit. `{ hashOf: queue.getHash }` gives it to `verifyResults`.
   *
   * @throws ChainError when no endpoint answers, or the answer is none
   */
  getHash: (text: string, options?: AbortOptions) => Promise<Hex>
  /**
   * The events of tasks, as they come, until the signal is aborted, with its reason. An event comes as soon as its block is as
   * deep as `confirmations` says. When blocks are abandoned nevertheless, what stood in them comes once more with
   * `removed: true`, the last one first, and then what stands in the blocks that took their place. It ends by itself only with an
   * error that no waiting mends.
   *
   * @throws ChainError when more was abandoned than is remembered: begin anew from an earlier block
   */
  watchTasks(options?: WatchTasksOptions): AsyncIterable<TaskEvent>
}
