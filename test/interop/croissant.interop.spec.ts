import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import { numberedParquet } from '../dataset/parquet-files.ts'
import { croissantFileObjectsMax } from '../../src/limits.ts'
import { installCroissant, readCroissant } from './croissant-reader.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }

describe('mlcroissant, with a dataset that was written to a directory', () => {
  let network: TestNetwork
  let directory: string
  let python: string
  const nodes = (): [DataNode, DataNode] => network.nodes as [DataNode, DataNode]

  beforeAll(async () => {
    [network, directory, python] = await Promise.all([createTestNetwork({ nodes: 2 }), mkdtemp(join(tmpdir(), 'croissant-')), installCroissant()])
  })

  afterAll(async () => {
    await network.stop()
    await rm(directory, { recursive: true })
  })

  async function write (init: DatasetInit): Promise<string> {
    const [publisher] = nodes()
    await using dataset = await publisher.datasets.publish({ license: 'CC0-1.0', datePublished: '2026-01-31', croissant: { citeAs: 'c' }, ...init })
    const target = join(directory, init.name)
    await dataset.saveTo(target)
    return target
  }

  it('finds nothing to say against it, and reads the records of CSV, TSV and JSON Lines', async () => {
    const [publisher, miner] = nodes()
    const task = await publisher.publishTaskBundle({ session, prompt: 'Make rows.' }, { readers: 'anyone' })
    const own = await miner.fetchTaskBundle(task.urn)
    const { urn } = await miner.publishResult({
      task: own, taskId: '0', output: 1, model: { name: 'm' }, files: [{ name: 'rows.jsonl', text: '{"q":"a","n":1.5,"o":{"x":1}}\n{"q":"ü","n":2,"o":null}\n' }]
    }, { reveal: 'now' })
    const result = await publisher.fetchResult(urn, { task, taskId: '0', miner: miner.address })
    const [rows] = await Array.fromAsync(result.files('outputs/rows.jsonl'))
    if (rows === undefined) throw new Error('no rows')
    const target = await write({
      name: 'few', version: '1.0.0', description: 'Ümläute', derivedFrom: ['https://example.org/x'], creators: [{ name: 'A', url: 'https://a.example' }], keywords: ['k'],
      files: [
        { name: 'rows.jsonl', cid: rows.cid }, { name: 'with space.csv', text: 'the id,on,ok\n1,2026-01-02,true\n2,2026-01-03,false\n' },
        { name: 'deep/é.tsv', text: 'a\tb\n1\tx\n' }, { name: 'made.txt', text: 'x' }
      ],
      generatedBy: [{ path: 'made.txt', results: [urn] }]
    })
    const [read] = await readCroissant(python, [target])
    expect(read).toMatchObject({ name: 'few', version: '1.0.0', errors: [], warnings: [] })
    expect(read?.records['records/data/rows.jsonl']).toEqual([{ q: 'a', n: 1.5 }, { q: 'ü', n: 2 }])
    expect(read?.records['records/files/1']).toEqual([{ '-0': 1, on: '2026-01-02T00:00:00', ok: true }, { '-0': 2, on: '2026-01-03T00:00:00', ok: false }])
    expect(Object.values(read?.records ?? {})).toContainEqual([{ a: 1, b: 'x' }])
    expect(Object.values(read?.records ?? {}).map(records => records.length).sort()).toEqual([1, 2, 2])
  })

  it('reads rows that were appended, and where they came from', async () => {
    const [publisher, miner] = nodes()
    const task = await publisher.publishTaskBundle({ session, prompt: 'Make more rows.' }, { readers: 'anyone' })
    const own = await miner.fetchTaskBundle(task.urn)
    const { urn } = await miner.publishResult({ task: own, taskId: '1', output: 1, model: { name: 'm' } }, { reveal: 'now' })
    await using result = await publisher.fetchResult(urn, { task, taskId: '1', miner: miner.address })
    await using appender = await publisher.datasets.append({ name: 'grown', columns: [{ name: 'q', type: 'sc:Text' }] })
    await appender.append([{ q: 'a' }, { q: 'ü' }], { result: result.cid, miner: miner.address })
    await using dataset = await appender.commit({ version: '1.0.0', license: 'CC0-1.0', description: 'd', datePublished: '2026-01-31', croissant: { citeAs: 'c' } })
    await dataset.saveTo(join(directory, 'grown'))
    const [read] = await readCroissant(python, [join(directory, 'grown')])
    expect([read?.errors, read?.warnings]).toEqual([[], []])
    expect(read?.records['records/data/part-00001.parquet']).toEqual([{ q: 'a' }, { q: 'ü' }])
    expect(read?.records['records/data/part-00001.lineage.jsonl']).toMatchObject([{ from: 0, to: 2, miner: miner.address, result: result.cid.toString() }])
  })

  it('reads the records of Parquet, of our appender\'s and of another writer\'s', async () => {
    const [publisher] = nodes()
    await using result = await publisher.datasets.publish({ name: 'source', version: '1.0.0', files: [{ name: 'a', text: '1' }] })
    await using answers = await publisher.datasets.append({
      name: 'appended', columns: [{ name: 'q', type: 'sc:Text' }, { name: 'score', type: 'sc:Float', nullable: true }]
    })
    await answers.append([{ q: 'ü', score: 0.5 }, { q: 'b', score: 2 }], { result: result.cid, miner: publisher.address })
    await using appended = await answers.commit({
      version: '1.0.0', license: 'CC0-1.0', datePublished: '2026-01-31', croissant: { citeAs: 'c' }, creators: [{ name: 'A', url: 'https://a.example' }]
    })
    const target = join(directory, 'appended')
    await appended.saveTo(target)
    const [ours, others] = await readCroissant(python, [target, await write({ name: 'numbers', version: '1.0.0', files: [{ name: 'n.parquet', bytes: numberedParquet() }] })])
    expect([ours?.errors, others?.errors]).toEqual([[], []])
    expect(ours?.records['records/data/part-00001.parquet']).toEqual([{ q: 'ü', score: 0.5 }, { q: 'b', score: 2 }])
    const numbers = others?.records['records/data/n.parquet'] ?? []
    expect([numbers.length, numbers[4]]).toEqual([10_000, { id: 4, name: 'row 4', score: 2 }])
  })

  it('reads every file of a set', async () => {
    const count = croissantFileObjectsMax + 50
    const files = Array.from({ length: count }, (_, i) => ({ name: `${i % 7}/${i}.jsonl`, text: `{"n":${i}}\n` }))
    const [read] = await readCroissant(python, [await write({ name: 'many', version: '1.0.0', files: [...files, { name: 'x.bin', text: 'x' }, { name: 'y', text: 'y' }] })])
    expect([read?.errors, read?.warnings]).toEqual([[], []])
    const numbers = read?.records['records/files/jsonl']?.map(({ n }) => Number(n)).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
  })
})
