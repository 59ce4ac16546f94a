// An honest miner. What it has to do is on chain, and so is how far it has come: killed at any moment and started again, it
// goes on where it was, and nothing below is there for that.
import { answerTask } from 'cortensor-datanode/evm'
import { next, say } from '../support/host.ts'
import { answer } from './answer.ts'
import { assignedMiner } from './assigned.ts'
import type { Answered } from './start.ts'

const { node, reader, queue, reference } = await assignedMiner()
const resumed = await node.result(reference) !== undefined

// what was submitted is a URN, and the URN names the bytes
const { data } = await reader.readTask(reference)
const task = await node.fetchTaskBundle(data)

// publish under embargo, precommit the hash of the URN, wait for the others, reveal, commit the URN
const { urn } = await answerTask(node, queue, {
  task,
  taskId: reference.taskId,
  answer: async () => {
    const computed = await answer(task)
    say('computed', computed.output)
    return computed
  },
  readers: 'anyone'
})
say('answered', { urn, resumed } satisfies Answered)

await next('stop')
await node.stop()
