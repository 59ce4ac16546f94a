// A router: opens a network session, publishes a task, and submits its URN. 80 characters are on chain, and what they name
// is not.
import { createDataNode } from 'cortensor-datanode'
import { next, say } from '../support/host.ts'
import { sessionOf } from './session.ts'
import type { RouterStart, Submitted } from './start.ts'

const { home, privateKey, listen, chain, miners, oracle, files } = await next<RouterStart>('start')
const node = await createDataNode({ home, privateKey, listen })
process.once('SIGINT', () => void node.stop())
const session = sessionOf(chain, privateKey)

const sessionId = await session.create(miners)
say('listening', {})
const task = await node.publishTaskBundle({
  session: { chainId: chain.chainId, queue: chain.queue, sessionId },
  clientReference: 'audit-a-task',
  prompt: 'Summarise the attached documents in three sentences.',
  config: { max_tokens: 256, temperature: 0 },
  files
}, { readers: [...miners, oracle] })
const taskId = await session.submit(sessionId, task.urn)
say('submitted', { task: { ...task.manifest.session, taskId }, urn: task.urn } satisfies Submitted)

// somebody has precommitted, and will not commit
await next('window-over')
await session.end(sessionId, taskId)
say('ended', {})

await next('stop')
await node.stop()
