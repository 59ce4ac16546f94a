// A stranger who has heard the name of a dataset, and of somebody who may have it. What it reads it checks by hashes, and what it
// does not read it does not fetch.
import { writeFile } from 'node:fs/promises'
import { createDataNode } from 'cortensor-datanode'
import { next, say } from '../support/host.ts'
import { tablesOf } from './changes.ts'
import type { Question } from './questions.ts'
import type { ConsumerStart, Listed, Proven, Read } from './start.ts'

const { home, privateKey, routers, dataset: name, proof } = await next<ConsumerStart>('start')
const node = await createDataNode({ home, privateKey, routers })
process.once('SIGINT', () => void node.stop())
await node.ready({ signal: AbortSignal.timeout(20_000) })

// what is there: all versions, signed by their publisher, and the files of the newest one
const versions = await Array.fromAsync(node.datasets.versions(name))
const dataset = await node.datasets.open(name)
const files = await Array.fromAsync(dataset.files('data'), ({ path, size }) => ({ path, bytes: Number(size) }))
const paths = await tablesOf(dataset)
const tables = await Promise.all(paths.map(async path => await dataset.table<Question>(path)))
say('listed', { name: dataset.name, versions, files, columns: tables[0]?.fields.map(({ name }) => name) ?? [] } satisfies Listed)

// two of five columns: the others stay where they are
const answers: string[] = []
for (const table of tables) {
  for await (const row of table.rows({ columns: ['question', 'answer'] })) answers.push(row.answer)
}
const fileBytes = files.reduce((sum, { path, bytes }) => paths.includes(path) ? sum + bytes : sum, 0)
say('read', { answers, fileBytes, bytesFetched: dataset.bytesFetched } satisfies Read)
await dataset.close()

// a row with its proof is a file, for whoever knows the root of the version
if (proof !== undefined) {
  const whole = await node.datasets.fetch(name)
  await writeFile(proof, await whole.proveRow(paths[0] ?? '', 0))
  say('proven', { root: whole.urn } satisfies Proven)
  await whole.close()
}

await next('stop')
await node.stop()
