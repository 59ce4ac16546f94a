/**
 * A host program as strict TypeScript sees it: compiled against the packed library by `package.spec.ts`, and run.
 * A router publishes a task over TCP on loopback, a miner fetches it and answers.
 */
import { createDataNode, DataNodeError, digestOf, parseReference } from 'cortensor-datanode'
import { createTestNetwork } from 'cortensor-datanode/testing'
import * as verify from 'cortensor-datanode/verify'
import { CID } from 'multiformats/cid'
import type { SessionQueue } from 'cortensor-datanode/evm'
import type { Bundle, DataNode, DatasetAppender, FetchOptions, Health, RowLineage, TaskBundle } from 'cortensor-datanode'

/** An entry point whose code needs viem, and whose types do not. */
export type Queue = SessionQueue

const queue = '0x00000000000000000000000000000000000000aa'
const session = { chainId: '421614', queue, sessionId: '7' } as const
const options: FetchOptions = { signal: AbortSignal.timeout(30_000), onProgress: event => { events.push(event.type) } }
const events: string[] = []

const router: DataNode = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
const miner: DataNode = await createDataNode({ home: ':memory:', privateKey: 'generate', routers: router.multiaddrs })
try {
  await miner.ready({ signal: AbortSignal.timeout(30_000) })
  const published: TaskBundle = await router.publishTaskBundle({
    session,
    prompt: { text: 'What is a data node?' },
    files: [{ name: 'paper.txt', text: 'An IPFS peer inside the process of its host.' }]
  }, { readers: 'anyone' })
  const task: TaskBundle = await miner.fetchTaskBundle(published.urn, options)
  const paper: string = new TextDecoder().decode(await task.bytes('inputs/paper.txt'))
  const bundle: Bundle = await miner.open(CID.parse(task.cid.toString()))
  const result = await miner.publishResult({ task, taskId: '0', output: { text: paper } }, { reveal: 'now' })
  const answer = await router.fetchResult(result.urn, { task: published, taskId: '0', miner: miner.address }, options)
  const health: Health = miner.health()
  if (!health.ok || bundle.cid.toString() !== published.cid.toString() || events.length === 0) throw new Error('the answer is not what was published')
  if (verify.digestOf(verify.parseReference(answer.urn).cid) !== digestOf(parseReference(result.urn).cid)) throw new Error('two digests')
  await readTyped(miner)
  console.log(JSON.stringify({ output: answer.output }))
} catch (error: unknown) {
  if (error instanceof DataNodeError) console.error(error.code, error.retryable, error.details)
  throw error
} finally {
  await miner.stop()
  await router.stop()
}

const network = await createTestNetwork({ nodes: 2 })
await network.stop()

interface Answer { question: string, score: number }

/** Rows by their types: what a column takes is known from the columns, what a table has is the host's own word. */
async function readTyped (node: DataNode): Promise<void> {
  const appender = await node.datasets.append({
    name: 'answers',
    columns: [
      { name: 'question', type: 'sc:Text' }, { name: 'score', type: 'sc:Float' }, { name: 'tags', type: 'sc:StructuredValue', nullable: true }
    ]
  })
  const rows: readonly Answer[] = [{ question: 'why?', score: 0.5 }]
  const origin = { result: (await node.datasets.publish({ name: 'source', version: '1.0.0', files: [{ name: 'a', text: '1' }] })).cid, miner: node.address }
  if (!await appender.append(rows, origin)) throw new Error('rows of the result wait already')
  // @ts-expect-error -- a score is a number
  await appender.append([{ question: 'how?', score: 'good' }], origin).catch(() => false)
  // @ts-expect-error -- a column that may not be null is left out
  await appender.append([{ question: 'how?' }], origin).catch(() => false)
  const other: DatasetAppender<Answer> = appender
  const untyped: DatasetAppender = await node.datasets.append({ name: 'others', columns: columnsOf(['a']) })
  await Promise.all([other.close(), untyped.close()])

  const text = '{"question":"why?","score":0.5}\n'
  await using dataset = await node.datasets.publish({ name: 'lines', version: '1.0.0', files: [{ name: 'rows.jsonl', text }] })
  const table = await dataset.table<Answer>('data/rows.jsonl')
  for await (const { question } of table.rows({ columns: ['question'] })) question.toUpperCase()
  for await (const { question, score } of table.rows()) if (score.toFixed(1) !== '0.5') throw new Error(question)
  // @ts-expect-error -- there is no such column
  const missing: AsyncIterable<object> = table.rows({ columns: ['answer'] })
  const untold = await dataset.table('data/rows.jsonl')
  for await (const row of untold.rows({ columns: ['score'] })) if (typeof row['score'] !== 'number') throw new Error('no number')
  for await (const row of table.diff(untold).rows()) throw new Error(row.type)
  const lineage: AsyncIterable<RowLineage> = dataset.lineage(table.path)
  if (missing === lineage) throw new Error('two iterables are one')
}

function columnsOf (names: string[]): { name: string, type: 'sc:Text' }[] {
  return names.map(name => ({ name, type: 'sc:Text' }))
}
