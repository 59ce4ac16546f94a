import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
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

  it('reads every file of a set', async () => {
    const count = croissantFileObjectsMax + 50
    const files = Array.from({ length: count }, (_, i) => ({ name: `${i % 7}/${i}.jsonl`, text: `{"n":${i}}\n` }))
    const [read] = await readCroissant(python, [await write({ name: 'many', version: '1.0.0', files: [...files, { name: 'x.bin', text: 'x' }, { name: 'y', text: 'y' }] })])
    expect([read?.errors, read?.warnings]).toEqual([[], []])
    const numbers = read?.records['records/files/jsonl']?.map(({ n }) => Number(n)).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: count }, (_, i) => i))
  })
})
