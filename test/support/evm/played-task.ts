import type { Address, PrivateKeyAccount } from 'viem'
import type { SessionContracts } from './session-contracts.ts'
import type { TaskReference } from '../../../src/interface/task.ts'

/** A task on a node's chain. */
export interface PlayedTask {
  sessionId: bigint
  taskId: bigint
  /** As this library names it. */
  task: TaskReference
}

/** Opens a session of some miners and submits a task to it. */
export async function submitTask (contracts: SessionContracts, miners: readonly PrivateKeyAccount[], data: string, chainId = '31337'): Promise<PlayedTask> {
  const sessionId = await contracts.createSession(miners.map(({ address }) => address))
  const taskId = await contracts.submit(sessionId, data)
  return { sessionId, taskId, task: { chainId, queue: lower(contracts.queue.address), sessionId: String(sessionId), taskId: String(taskId) } }
}

/** Lets each miner precommit to a text, and then commit it. */
export async function answerTask (contracts: SessionContracts, { sessionId, taskId }: PlayedTask,
  answers: readonly (readonly [PrivateKeyAccount, string])[]): Promise<void> {
  for (const [miner, text] of answers) await contracts.act(miner, 'precommit', sessionId, taskId, await contracts.hashOf(text), '')
  for (const [miner, text] of answers) await contracts.act(miner, 'commit', sessionId, taskId, text)
}

/** An address as this library writes it. */
export function lower (address: Address): Address {
  return address.toLowerCase() as Address
}
