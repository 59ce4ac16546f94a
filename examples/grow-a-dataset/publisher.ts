// The publisher of the dataset: an oracle that gives out tasks, appends the rows of results as they come in, and publishes what
// it has as a version. What one miner made goes with one call, when it turns out that it is no good.
import { createDataNode } from 'cortensor-datanode'
import { next, say } from '../support/host.ts'
import { changesOf, sizeOf } from './changes.ts'
import { findWrongRows } from './check.ts'
import type { Address, DatasetAppender, DatasetBundle, TaskBundle } from 'cortensor-datanode'
import type { Row } from './questions.ts'
import type { Affected, Answered, Assigned, Published, PublisherStart } from './start.ts'

interface Task { miner: Address, taskId: string, bundle: TaskBundle }

const columns = [
  { name: 'question', type: 'sc:Text' },
  { name: 'answer', type: 'sc:Text' },
  { name: 'document', type: 'sc:Text' },
  { name: 'context', type: 'sc:Text' },
  { name: 'embedding', type: 'sc:StructuredValue' }
] as const
const words = {
  description: 'Questions about documents, each answered by a word that stands in them.',
  license: 'CC0-1.0',
  provable: true,
  chunking: 'content-defined'
} as const

const { home, privateKey, listen, session, documents, miners, versions, questionsMax } = await next<PublisherStart>('start')
const node = await createDataNode({ home, privateKey, listen })
process.once('SIGINT', () => void node.stop())
const name = `${node.address}/questions`
say('listening', {})

// each run of the miners is a version: their rows come in as results, and are on disk before the next one is waited for
const appender = await node.datasets.append({ name: 'questions', columns, rowGroupRows: 1 })
let newest: DatasetBundle | undefined
for (const [run, version] of versions.entries()) {
  for (const task of await publishTasks(run)) await appendAnswer(appender, task)
  const before = newest
  newest = await appender.commit({ ...words, version }, { readers: 'anyone' })
  await tell(newest, before)
  await before?.close()
  await next('go-on')
}
await appender.close()
if (newest === undefined) throw new Error('there were no runs')

// the oracle checks what it has published: the miner that made rows that are not what they should be goes, with all of them
const findings = await findWrongRows(newest, documents)
say('found', findings)
const [cheat] = new Set(findings.map(({ origin }) => origin.miner))
if (cheat !== undefined) {
  const affected = await Array.fromAsync(node.datasets.affectedBy({ miner: cheat }, { ref: name }))
  say('affected', { miner: cheat, versions: affected } satisfies Affected)
  const without = await node.datasets.publishWithout(name, { miner: cheat }, { readers: 'anyone' })
  await tell(without, newest)
}

await next('stop')
await node.stop()

/** Gives each miner a task: the documents, which all tasks share, and which of the questions are its own. */
async function publishTasks (run: number): Promise<Task[]> {
  return await Promise.all(miners.map(async (miner, at) => {
    const share = run * miners.length + at
    const bundle = await node.publishTaskBundle({
      session,
      prompt: 'Ask for words that stand in the attached documents.',
      config: { share, of: versions.length * miners.length, questionsMax },
      files: documents
    }, { readers: 'anyone' })
    const taskId = String(share)
    say(`assigned-${taskId}`, { urn: bundle.urn, taskId } satisfies Assigned)
    return { miner, taskId, bundle }
  }))
}

/** Fetches the answer to a task, which its miner has signed, and appends its rows. */
async function appendAnswer (to: DatasetAppender<Row>, { miner, taskId, bundle }: Task): Promise<void> {
  const { urn } = await next<Answered>(`answered-${taskId}`)
  const result = await node.fetchResult(urn, { task: bundle, taskId, miner })
  const text = new TextDecoder().decode(await result.bytes('outputs/rows.jsonl'))
  const rows = text.trimEnd().split('\n').map(line => JSON.parse(line) as Row)
  await to.append(rows, { result: result.cid, miner })
  await result.close()
}

/** Says what a version holds, and what is another than before. */
async function tell (version: DatasetBundle, before: DatasetBundle | undefined): Promise<void> {
  const changes = before === undefined ? {} : { changes: await changesOf(node, before.urn, version.urn) }
  say(`published-${version.manifest.datasetVersion}`, { name: version.name, ...await sizeOf(version), ...changes } satisfies Published)
}
