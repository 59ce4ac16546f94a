import { encodeEventTopics } from 'viem'
import { sessionQueueAbi as abi } from './session-queue-abi.ts'
import { decodeTaskEvent } from './task-event.ts'
import type { AbortOptions, Address, Hex } from '../interface/primitives.ts'
import type { TaskReference } from '../interface/task.ts'
import type { Chain } from './chain.ts'
import type { Log } from './rpc-values.ts'
import type { UntimedEvent } from './task-event.ts'

const events = encodeEventTopics({ abi, eventName: 'TaskAcked' }) as Hex[]

/** In which blocks it is looked for: from the one in which the task was made. */
export interface AckedInit {
  task: TaskReference
  miner: Address
  from: bigint
  to: bigint
}

/**
 * Whether a miner has acknowledged a task. No function of the contract says so: its event does.
 *
 * @throws {@link ChainError} when no endpoint answers, or the answer is none
 */
export async function isAcked (chain: Pick<Chain, 'logs'>, { task, miner, from, to }: AckedInit, options: AbortOptions): Promise<boolean> {
  const { chainId, queue, sessionId, taskId } = task
  const decode = (log: Log): UntimedEvent => decodeTaskEvent(log, { chainId, queue })
  for await (const { logs } of chain.logs({ address: queue, events, decode }, from, to, options)) {
    const isOwn = logs.some(event => event.type === 'acknowledged' && event.miner === miner &&
      event.task.sessionId === sessionId && event.task.taskId === taskId)
    if (isOwn) return true
  }
  return false
}
