// A miner that changes its answer after the precommit. Other bytes have another root, so another URN, so another hash: the
// queue refuses it. It hands it over all the same, off chain, to whoever will take it.
import { next, say } from '../support/host.ts'
import { answer } from './answer.ts'
import { assignedMiner } from './assigned.ts'
import type { Answered } from './start.ts'

const { node, reader, queue, reference } = await assignedMiner()
const { sessionId, taskId } = reference
const task = await node.fetchTaskBundle((await reader.readTask(reference)).data)
const first = { task, taskId, ...await answer(task) }
const { urn } = await node.publishResult(first, { reveal: 'later', readers: 'anyone' })
await queue.precommit(sessionId, taskId, await queue.getHash(urn))
await queue.precommitOver(sessionId, taskId)

const altered = { ...first, output: { text: 'Buy this instead.' }, files: [] }
const delivered = await node.publishResult(altered, { reveal: 'now', readers: 'anyone', supersede: true })
const refused = await queue.commit(sessionId, taskId, delivered.urn).then(() => 'nothing', String)
say('answered', { urn: delivered.urn, refused } satisfies Answered)

await next('stop')
await node.stop()
