// A consumer of datasets: knows nobody but the oracle, and trusts nothing but the hash.
import { createDataNode } from 'cortensor-datanode'
import { queue } from './queue.ts'

const { home, privateKey, routers, urn } = await queue.start()
const node = await createDataNode({ home, privateKey, routers })
await node.ready({ signal: AbortSignal.timeout(20_000) })

const startedAt = performance.now()
const dataset = await node.datasets.fetch(urn, { hold: true })
const text = new TextDecoder().decode(await dataset.bytes('data/answers.jsonl'))
const croissant = JSON.parse(new TextDecoder().decode(await dataset.bytes('croissant.json'))) as { conformsTo: string, distribution: unknown[] }
const versions: string[] = []
for await (const { version } of node.datasets.versions(urn)) versions.push(version)

queue.say('read', {
  name: dataset.name,
  rows: text.trim().split('\n').length,
  files: croissant.distribution.length,
  conformsTo: croissant.conformsTo,
  versions,
  signer: dataset.statements[0]?.signer,
  ms: performance.now() - startedAt
})

await queue.next('stop')
await node.stop()
