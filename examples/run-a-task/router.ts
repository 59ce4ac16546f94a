// A router: publishes the task, and takes the miners' results as they come in.
import { createDataNode } from 'cortensor-datanode'
import { attachment, queue } from './queue.ts'
import type { Committed, Submitted } from './queue.ts'

const { home, privateKey, listen, oracle, session, files, attachmentBytes } = await queue.start()
const node = await createDataNode({ home, privateKey, listen })
process.once('SIGINT', () => void node.stop())

const startedAt = performance.now()
const task = await node.publishTaskBundle({
  session,
  clientReference: 'run-a-task',
  prompt: 'Summarise the attached documents in three sentences.',
  config: { max_tokens: 256, temperature: 0 },
  metadata: { name: 'examples', redundant: 3 },
  files: [...files, { name: 'attachment.bin', stream: attachment(attachmentBytes) }]
}, { readers: [] })
queue.say('submit', { urn: task.urn, cid: task.cid.toString(), ms: performance.now() - startedAt })

// the contract assigns miners only after the task was submitted: until now nobody could read it
const { taskId, miners } = await queue.next<Submitted>('submitted')
await task.setReaders([...miners, oracle])
queue.say('readable', {})

const { commits } = await queue.next<Committed>('commits-over')
await Promise.all(commits.map(async ({ miner, hash, urn }) => {
  const fetchedAt = performance.now()
  try {
    const result = await node.fetchResult(urn, { task, taskId, miner, hash })
    const text = await result.bytes('outputs/summary.txt')
    queue.say('checked', { miner, urn, bytes: text.length, verdict: 'accepted', ms: performance.now() - fetchedAt })
  } catch (error) {
    const { name, message } = error as Error
    queue.say('checked', { miner, urn, bytes: 0, verdict: name, reason: message, ms: performance.now() - fetchedAt })
  }
}))
queue.say('all-checked', {})

await queue.next('stop')
await node.stop()
