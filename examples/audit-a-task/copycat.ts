// A miner that computes nothing. The hash of another one's precommit is on chain, and so is its URN later: the contract takes
// both, because a hash is bound to no address. The result names its miner, and so the copy does not pass for one.
import { next, say } from '../support/host.ts'
import { assignedMiner } from './assigned.ts'
import { pollMs } from './start.ts'
import type { Answered } from './start.ts'

const { node, reader, queue, reference } = await assignedMiner()
const { sessionId, taskId } = reference
const victim = (await reader.readTask(reference)).miners.find(({ hash }) => hash !== undefined)
if (victim?.hash === undefined) throw new Error('there is nobody to copy')
await queue.precommit(sessionId, taskId, victim.hash)

for await (const event of reader.watchTasks({ miner: victim.miner, types: ['committed'], fromBlock: '0', pollMs })) {
  if (event.task.taskId === taskId) break
}
const { miners } = await reader.readTask(reference)
const urn = miners.find(({ miner }) => miner === victim.miner)?.data ?? ''
await queue.commit(sessionId, taskId, urn)
say('answered', { urn } satisfies Answered)

await next('stop')
await node.stop()
