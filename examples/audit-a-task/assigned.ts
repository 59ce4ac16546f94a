// A miner, honest or not, up to the moment when it has something to do: a node that opens no port, the session queue to read
// from and to write to, and the task that the queue has assigned to it.
import { createDataNode } from 'cortensor-datanode'
import { minerQueue } from 'cortensor-datanode/evm'
import { privateKeyToAccount } from 'viem/accounts'
import { next } from '../support/host.ts'
import { pollMs, queueOf } from './start.ts'
import type { DataNode, TaskReference } from 'cortensor-datanode'
import type { MinerQueue, SessionQueue } from 'cortensor-datanode/evm'
import type { MinerStart } from './start.ts'

/** A miner that has a task. */
export interface AssignedMiner { node: DataNode, reader: SessionQueue, queue: MinerQueue, reference: TaskReference }

/** Starts a miner, and waits for `TaskAssigned`; what was assigned before it was started counts too. */
export async function assignedMiner (): Promise<AssignedMiner> {
  const { home, privateKey, routers, chain } = await next<MinerStart>('start')
  const node = await createDataNode({ home, privateKey, routers })
  process.once('SIGINT', () => void node.stop())
  const { rpcUrls, chainId, queue: address } = chain
  const reader = queueOf(chain)
  const queue = minerQueue({ rpcUrls, chainId, address, account: privateKeyToAccount(privateKey), confirmations: 0, pollMs })
  for await (const { task } of reader.watchTasks({ miner: node.address, types: ['assigned'], fromBlock: '0', pollMs })) {
    return { node, reader, queue, reference: task }
  }
  throw new Error('the chain was not watched to its end')
}
