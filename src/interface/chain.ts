import type { AbortOptions, Address, Hex, Uint256 } from './primitives.ts'
import type { NetworkSession, TaskReference } from './task.ts'

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
