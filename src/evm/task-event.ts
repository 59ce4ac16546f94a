import { decodeEventLog, encodeEventTopics } from 'viem'
import { sessionQueueAbi } from './session-queue-abi.ts'
import type { EventPlace, TaskEvent } from '../interface/chain.ts'
import type { Address, Hex } from '../interface/primitives.ts'
import type { Log } from './rpc-values.ts'

/** Where the contract is whose logs are read. */
export interface QueuePlace {
  chainId: string
  queue: Address
}

/** An event without the time of its block, which no log has. */
export type UntimedEvent = TaskEvent extends infer Event ? Event extends TaskEvent ? Omit<Event, 'time'> : never : never

const types = {
  TaskQueued: 'queued',
  TaskAssigned: 'assigned',
  TaskAcked: 'acknowledged',
  TaskPrecommitted: 'precommitted',
  TaskAllPrecommitted: 'all-precommitted',
  TaskPrecommitEnded: 'precommit-over',
  TaskCommitted: 'committed',
  TaskAllCommitted: 'all-committed',
  TaskCommitEnded: 'commit-over',
  TaskEnded: 'ended'
} as const

/** The first topics of the queue's logs about tasks. */
export const taskEventTopics: readonly Hex[] = Object.keys(types)
  .flatMap(eventName => encodeEventTopics({ abi: sessionQueueAbi, eventName: eventName as keyof typeof types }) as Hex[])

/**
 * Reads a log of the queue.
 *
 * @throws an error of viem when it cannot be read
 */
export function decodeTaskEvent (log: Log, place: QueuePlace): UntimedEvent {
  const decoded = decodeEventLog({ abi: sessionQueueAbi, data: log.data, topics: log.topics as [Hex, ...Hex[]], strict: true })
  const { sessionId, taskId } = decoded.args
  const at: Omit<EventPlace, 'time'> = {
    task: { ...place, sessionId: sessionId.toString(), taskId: taskId.toString() },
    blockNumber: log.blockNumber.toString(),
    blockHash: log.blockHash,
    transaction: log.transaction,
    logIndex: log.logIndex,
    removed: false
  }
  switch (decoded.eventName) {
    case 'TaskQueued': return { ...at, type: types[decoded.eventName], data: decoded.args.taskData }
    case 'TaskAcked':
    case 'TaskPrecommitted':
    case 'TaskCommitted': return { ...at, type: types[decoded.eventName], miner: lower(decoded.args.miner) }
    case 'TaskPrecommitEnded':
    case 'TaskCommitEnded': return { ...at, type: types[decoded.eventName] }
    default: return { ...at, type: types[decoded.eventName], miners: decoded.args.miners.map(lower) }
  }
}

/** Whether an event names this miner, or none at all. */
export function concerns (event: UntimedEvent, miner: Address): boolean {
  if ('miner' in event) return event.miner === miner
  return !('miners' in event) || event.miners.includes(miner)
}

/** viem writes addresses with ERC-55's upper-case digits. */
function lower (address: string): Address {
  return address.toLowerCase() as Address
}
