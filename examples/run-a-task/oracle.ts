// An oracle: judges every miner, keeps the evidence, and grows a dataset out of the good answers.
import { cidOf, createDataNode, formatUrn } from 'cortensor-datanode'
import { queue } from './queue.ts'
import type { TaskEnded } from './queue.ts'

const { home, privateKey, listen, routers } = await queue.start()
const node = await createDataNode({ home, privateKey, listen, routers })
process.once('SIGINT', () => void node.stop())
queue.say('listening', { addresses: node.multiaddrs })

const { urn, taskId, miners } = await queue.next<TaskEnded>('ended')
await node.ready({ signal: AbortSignal.timeout(20_000) })
const task = await node.fetchTaskBundle(urn)

// who committed nothing is looked for under the hash of the precommit: it determines the CID
const claims = miners.map(({ miner, hash, urn }) => ({ miner, hash, ref: urn ?? formatUrn(cidOf(hash)) }))
const verdicts = await node.verifyResults(task, claims, { taskId, stallTimeoutMs: 10_000 })
const evidence = await node.publishEvidence({ task, taskId, verdicts })

const good = verdicts.verdicts.filter(({ status }) => status === 'ok')
const rows = good.map(({ miner, result }) => JSON.stringify({ prompt: task.prompt, answer: result?.output, miner }))
const dataset = await node.datasets.publish({
  name: 'summaries',
  version: '1.0.0',
  description: 'Answers of the miners whose results were found good.',
  license: 'CC0-1.0',
  files: [
    { name: 'answers.jsonl', text: rows.map(row => `${row}\n`).join('') },
    ...good.flatMap(({ miner, result }) => result === undefined ? [] : [{ name: `results/${miner}`, cid: result.cid }])
  ]
}, { readers: 'anyone' })

queue.say('judged', {
  verdicts: verdicts.verdicts.map(({ miner, status, reason, ref, elapsedMs }) => ({ miner, status, reason, ref, elapsedMs })),
  agreements: verdicts.agreements,
  evidence: evidence.urn,
  dataset: dataset.urn
})

await queue.next('stop')
await node.stop()
