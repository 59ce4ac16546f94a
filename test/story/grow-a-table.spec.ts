import { expect, test } from 'vitest'
import { verifyRow } from '../../src/dataset/verify-row.ts'
import { cidOf, createDataNode } from '../../src/index.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { AppendInit } from '../../src/interface/append.ts'

const init: AppendInit = {
  name: 'answers',
  columns: [{ name: 'question', type: 'sc:Text' }, { name: 'answer', type: 'sc:Text' }, { name: 'score', type: 'sc:Float', nullable: true }],
  rowGroupRows: 2
}

test('a table grows from results, is committed twice, and is read and proven elsewhere', async () => {
  await using network = await createTestNetwork({ nodes: 2 })
  const [engine, reader] = network.nodes
  if (engine === undefined || reader === undefined) throw new Error('there are two')
  const results = await Promise.all([1, 2, 3].map(async n => {
    await using bundle = await engine.datasets.publish({ name: `source-${n}`, version: '1.0.0', files: [{ name: 'a', text: String(n) }] })
    return bundle.cid
  }))
  await using appender = await engine.datasets.append(init)
  const rows = (n: number): { question: string, answer: string, score: number | null }[] =>
    [1, 2].map(m => ({ question: `q${n}.${m}`, answer: `a${n}`, score: m === 1 ? n : null }))
  for (const [at, result] of results.slice(0, 2).entries()) await appender.append(rows(at), { result, miner: engine.address, model: 'm' })
  await using first = await appender.commit({ version: '1.0.0', provable: true })
  const [, , third] = results
  if (third === undefined) throw new Error('there are three')
  await appender.append(rows(2), { result: third, miner: engine.address })
  await using second = await appender.commit({ version: '1.1.0', previous: first.cid, provable: true })

  await using remote = await reader.datasets.fetch(second.ticket)
  const table = await remote.table('data/part-00001.parquet')
  expect([table.rowGroups.length, await Array.fromAsync(table.rows({ columns: ['question'], where: { score: { gte: 1 } } }))]).toEqual([2, [{ question: 'q1.1' }]])
  const lineage = await remote.table('data/part-00002.lineage.jsonl')
  expect(await Array.fromAsync(lineage.rows({ columns: ['rowGroup', 'from', 'to', 'result'] }))).toEqual([{ rowGroup: 0, from: 0, to: 2, result: third.toString() }])
  const proof = await remote.proveRow('data/part-00002.parquet', 1)
  expect(verifyRow(proof, second.urn).values).toEqual({ question: 'q2.2', answer: 'a2', score: null })
})

test('rows that wait count against the quota, and those that are kept stay when there is no more room', async () => {
  await using node = await createDataNode({ home: ':memory:', privateKey: 'generate', storage: { quota: '64MiB' } })
  await using appender = await node.datasets.append({ name: 'large', columns: [{ name: 'text', type: 'sc:Text' }] })
  const text = 'x'.repeat(12 * 1024 * 1024)
  const append = async (n: number): Promise<boolean> => {
    const result = cidOf(`0x${String(n).padStart(64, '0')}`)
    return await appender.append([{ text }], { result, miner: node.address })
  }
  let kept = 0
  await expect((async () => { for (;;) if (await append(kept)) kept++ })()).rejects.toMatchObject({ name: 'StorageFullError' })
  expect(kept).toBeGreaterThan(2)
  expect([appender.rows, await append(0)]).toEqual([kept, false])
})
