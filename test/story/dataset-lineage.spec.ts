import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { OpenResult } from '../../src/interface/dataset-lineage.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const session = { chainId: '18964747554', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

describe('a dataset that grows out of results', () => {
  let network: TestNetwork
  let task: TaskBundle
  let results: ResultBundle[]
  const nodes = (): { publisher: DataNode, honest: DataNode, cheat: DataNode, reader: DataNode } => {
    const [publisher, honest, cheat, reader] = network.nodes as [DataNode, DataNode, DataNode, DataNode]
    return { publisher, honest, cheat, reader }
  }
  const name = (version: string): string => `${nodes().publisher.address}/grown@${version}`
  const shout = async (all: readonly OpenResult[]): Promise<Uint8Array> => {
    const rows = await Promise.all(all.map(async result => text(await result.bytes('outputs/rows.jsonl')).toUpperCase()))
    return Buffer.from(rows.join(''))
  }

  beforeAll(async () => {
    network = await createTestNetwork({ nodes: 4 })
    const { publisher, honest, cheat } = nodes()
    task = await publisher.publishTaskBundle({ session, prompt: 'Make rows.' }, { readers: 'anyone' })
    results = await Promise.all([honest, cheat].map(async (miner, i) => {
      const own = await miner.fetchTaskBundle(task.urn)
      const result = await miner.publishResult({
        task: own, taskId: '0', output: i, model: { name: `model ${i}` }, files: [{ name: 'rows.jsonl', text: `{"row":${i}}\n` }]
      }, { reveal: 'now' })
      return await publisher.fetchResult(result.urn, { task, taskId: '0', miner: miner.address })
    }))
  }, 60_000)

  afterAll(async () => { await network.stop() })

  it('knows of what is linked who made it, and of what is not is told', async () => {
    const { publisher, honest } = nodes()
    const [first, second] = await Promise.all(results.map(async result => {
      const [rows] = await Array.fromAsync(result.files('outputs/rows.jsonl'))
      return rows?.cid
    }))
    if (first === undefined || second === undefined) throw new Error('no rows')
    await using dataset = await publisher.datasets.publish({
      name: 'grown', version: '1.0.0', license: 'CC0-1.0', keywords: ['rows'],
      files: [{ name: 'honest.jsonl', cid: first }, { name: 'cheat.jsonl', cid: second }, { name: 'both.txt', bytes: await shout(results) }, { name: 'own.txt', text: 'own' }],
      generatedBy: [{ path: 'both.txt', results: results.map(({ urn }) => urn) }]
    })
    const found = await Array.fromAsync(publisher.datasets.affectedBy({ miner: honest.address }))
    expect(found.map(({ name, files }) => [name, files.map(({ path }) => path)])).toEqual([[dataset.name, ['data/both.txt', 'data/honest.jsonl']]])
    expect(await Array.fromAsync(publisher.datasets.affectedBy({ model: 'model 7' }))).toEqual([])
    expect((await Array.fromAsync(publisher.datasets.affectedBy({ task: session }, { ref: dataset.urn })))[0]?.files).toHaveLength(3)
    await expect(Array.fromAsync(publisher.datasets.affectedBy({}))).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('is rebuilt by anybody from the results that it names', async () => {
    const { reader } = nodes()
    const linkedOnly = await reader.datasets.reproduce(name('1.0.0'))
    expect(linkedOnly).toMatchObject({ isSame: false, reproduced: 2, files: 4, unexplained: 1, firstDifference: { path: 'data/both.txt', reason: 'not-rebuilt' } })
    const build = async ({ results }: { results: readonly OpenResult[] }): Promise<Uint8Array> => await shout(results)
    expect(await reader.datasets.reproduce(name('1.0.0'), { build })).toMatchObject({ isSame: true, reproduced: 3, version: '1.0.0' })
    const otherwise = await reader.datasets.reproduce(name('1.0.0'), { build: async () => await Promise.resolve(Buffer.from('other')) })
    expect(otherwise.firstDifference).toMatchObject({ path: 'data/both.txt', reason: 'differs', rebuilt: expect.stringContaining('bafk') as string })
  })

  it('goes on without what a cheater made, in one call', async () => {
    const { publisher, cheat, reader } = nodes()
    await using clean = await publisher.datasets.publishWithout(name('1.0.0'), { miner: cheat.address }, { description: 'Without a cheater.' })
    expect(clean.name).toBe(name('2.0.0'))
    const paths = await Array.fromAsync(clean.files('data'), ({ path }) => path)
    expect(paths).toEqual(['data/honest.jsonl', 'data/own.txt'])
    expect(JSON.parse(text(await clean.bytes('croissant.json')))).toMatchObject({ keywords: ['rows'], description: 'Without a cheater.', license: 'https://spdx.org/licenses/CC0-1.0.html' })
    expect(await Array.fromAsync(publisher.datasets.affectedBy({ miner: cheat.address }), ({ version }) => version)).toEqual(['1.0.0'])
    expect(await reader.datasets.reproduce(clean.urn)).toMatchObject({ isSame: true, reproduced: 1, unexplained: 1 })
    await expect(publisher.datasets.publishWithout(name('2.0.0'), { miner: cheat.address })).rejects.toThrow('Nothing of')
    await expect(reader.datasets.publishWithout(name('1.0.0'), { miner: cheat.address })).rejects.toThrow('who alone makes its next version')
  })
})
