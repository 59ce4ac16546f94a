// A miner: opens no port, dials out to its router and oracle, and starts although they are not there yet.
import { createDataNode } from 'cortensor-datanode'
import { infer } from '../support/infer.ts'
import { queue } from './queue.ts'
import type { TaskAssigned } from './queue.ts'

const { home, privateKey, routers, misbehave } = await queue.start()
const node = await createDataNode({ home, privateKey, routers })
process.once('SIGINT', () => void node.stop())

const { urn, reference } = await queue.next<TaskAssigned>('assigned')
const startedAt = performance.now()
const task = await node.fetchTaskBundle(urn, {
  signal: AbortSignal.timeout(60_000),
  onProgress: event => {
    if (event.type === 'datanode:fetch:progress') queue.say('progress', { miner: node.address, ...event.detail })
  }
})
const fetchMs = performance.now() - startedAt

// the host's work: a model in real life, a summary of the documents here
const documents: Uint8Array[] = []
for await (const { type, path, size } of task.files('inputs')) {
  if (type === 'file' && size <= 1024 * 1024) documents.push(await task.bytes(path))
}
const { text, model } = await infer(task.prompt as string, documents)

// stored and named, but embargoed: nobody can read it before it is revealed
const answer = { task, taskId: reference.taskId, output: { text }, model, files: [{ name: 'summary.txt', text }] }
const result = await node.publishResult(answer, { reveal: 'later', readers: 'anyone' })
queue.say('precommit', { miner: node.address, hash: result.digest, fetchMs })
if (misbehave === 'die') process.kill(process.pid, 'SIGKILL')

await queue.next('precommits-over')
await result.reveal()
let committed = result.urn
if (misbehave === 'cheat') {
  const other = { ...answer, output: { text: 'something else' }, files: [] }
  committed = (await node.publishResult(other, { reveal: 'now', readers: 'anyone', supersede: true })).urn
}
queue.say('commit', { miner: node.address, urn: committed })

await queue.next('stop')
await node.stop()
