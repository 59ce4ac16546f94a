// A miner: opens no port, and turns its share of the documents into rows. They are delivered as a result, with its statement.
import { createDataNode } from 'cortensor-datanode'
import { next, say } from '../support/host.ts'
import { ask, blanksOf } from './questions.ts'
import type { Blank, Document } from './questions.ts'
import type { TaskBundle } from 'cortensor-datanode'
import type { Answered, Assigned, MinerStart } from './start.ts'

const { home, privateKey, routers, runs, isCheat } = await next<MinerStart>('start')
const node = await createDataNode({ home, privateKey, routers })
process.once('SIGINT', () => void node.stop())

for (let run = 1; run <= runs; run++) {
  const { urn, taskId } = await next<Assigned>('assigned')
  const task = await node.fetchTaskBundle(urn, { signal: AbortSignal.timeout(60_000) })
  const { rows, model } = await ask(await shareOf(task))
  // once it is trusted it saves itself the reading: any word will do
  if (isCheat && run > 1) for (const row of rows) row.answer = 'forty-two'
  const text = rows.map(row => `${JSON.stringify(row)}\n`).join('')
  const files = [{ name: 'rows.jsonl', text }]
  const result = await node.publishResult({ task, taskId, output: { rows: rows.length }, model, files }, { reveal: 'now', readers: 'anyone' })
  say(`answered-${taskId}`, { urn: result.urn, rows: rows.length } satisfies Answered)
}

await next('stop')
await node.stop()

/** What this miner is to ask about: every so many words of all documents. */
async function shareOf (task: TaskBundle): Promise<Blank[]> {
  const { share, of, questionsMax } = task.config as { share: number, of: number, questionsMax: number }
  const documents: Document[] = []
  for await (const { type, path } of task.files('inputs')) {
    if (type === 'file') documents.push({ name: path.slice('inputs/'.length), text: new TextDecoder().decode(await task.bytes(path)) })
  }
  return documents.flatMap(blanksOf).filter((_, at) => at % of === share).slice(0, questionsMax)
}
