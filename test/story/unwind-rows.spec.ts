import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parquetReadObjects } from 'hyparquet'
import { createTestNetwork } from '../../src/testing/index.ts'
import type { AppendInit } from '../../src/interface/append.ts'
import type { DatasetBundle, ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'
import type { OpenResult, RebuildRows } from '../../src/interface/dataset-lineage.ts'
import type { ProvenanceSelector } from '../../src/interface/provenance.ts'
import type { TableRow } from '../../src/interface/table.ts'
import type { TestNetwork } from '../../src/testing/index.ts'

const session = { chainId: '18964747554', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const init: AppendInit = {
  name: 'answers', columns: [{ name: 'answer', type: 'sc:Text' }, { name: 'n', type: 'sc:Integer', nullable: true }], rowGroupRows: 4
}

/** Two rows that a miner made for a task. */
async function rowsIn (result: OpenResult): Promise<TableRow[]> {
  const { miner, task } = result.manifest
  const output = new TextDecoder().decode(await result.bytes('output.json'))
  return [{ answer: `${miner} says ${output}`, n: BigInt(task.taskId) }, { answer: miner, n: null }]
}

/** All rows of a version, by a reader that knows nothing of this library. */
async function answersOf (version: DatasetBundle): Promise<string[]> {
  const answers: string[] = []
  for await (const { path } of version.files('data')) {
    if (!path.endsWith('.parquet')) continue
    const { buffer } = await version.bytes(path)
    answers.push(...(await parquetReadObjects({ file: buffer })).map(({ answer }) => String(answer)))
  }
  return answers
}

describe('a dataset that rows of three miners are appended to', () => {
  let network: TestNetwork
  let engine: DataNode
  let reader: DataNode
  let miners: DataNode[]
  const results: ResultBundle[] = []
  const name = (version: string): string => `${engine.address}/answers@${version}`
  const cheat = (): DataNode => miners[1] as DataNode

  async function answer (task: TaskBundle, miner: DataNode, taskId: string): Promise<ResultBundle> {
    const own = await miner.fetchTaskBundle(task.urn)
    const { urn } = await miner.publishResult({ task: own, taskId, output: taskId, model: { name: 'extractor', digest: '0xdd' } }, { reveal: 'now' })
    return await engine.fetchResult(urn, { task, taskId, miner: miner.address })
  }

  beforeAll(async () => {
    network = await createTestNetwork({ nodes: 5 });
    [engine, reader, ...miners] = network.nodes as [DataNode, DataNode, ...DataNode[]]
    const task = await engine.publishTaskBundle({ session, prompt: 'Make rows.' }, { readers: 'anyone' })
    for (const taskId of ['0', '1']) for (const miner of miners) results.push(await answer(task, miner, taskId))
  }, 60_000)

  afterAll(async () => { await network.stop() })

  it('is committed twice, the second time after the version that the node knows', async () => {
    await using appender = await engine.datasets.append(init)
    for (const [at, result] of results.entries()) {
      await appender.append(await rowsIn(result), { result: result.cid, miner: result.miner })
      if (at === 2) await (await appender.commit({ version: '1.0.0', license: 'CC0-1.0', provable: true })).close()
    }
    await using second = await appender.commit({ version: '1.1.0', license: 'CC0-1.0', provable: true })
    expect(await Array.fromAsync(engine.datasets.versions(second.cid), ({ version }) => version)).toEqual(['1.1.0', '1.0.0'])
    expect(await answersOf(second)).toHaveLength(12)
  })

  it('names a version that is taken, the last one, and what to do', async () => {
    await using appender = await engine.datasets.append(init)
    const [result] = results
    if (result === undefined) throw new Error('there are six')
    await appender.append([{ answer: 'more' }], { result: result.cid, miner: result.miner })
    await expect(appender.commit({ version: '1.0.0' })).rejects.toMatchObject({
      name: 'VersionTakenError', message: expect.stringMatching(/@1\.0\.0 is published as .* \(the last one is 1\.1\.0: name it as previous, urn:\S+, of a later one such as 1\.2\.0\)/) as string
    })
    expect(appender.rows).toBe(1)
  })

  it('says which row groups a miner, a task and a model made', async () => {
    const found = async (selector: ProvenanceSelector): Promise<unknown[]> =>
      await Array.fromAsync(engine.datasets.affectedBy(selector), ({ version, files }) =>
        [version, files.map(({ path, rowGroups, rows, results }) => [path, rowGroups, rows, results.length])])
    const [one, two] = ['data/part-00001.parquet', 'data/part-00002.parquet']
    expect(await found({ miner: cheat().address })).toEqual([['1.0.0', [[one, [0], 2, 1]]], ['1.1.0', [[one, [0], 2, 1], [two, [0], 2, 1]]]])
    expect(await found({ task: { ...session, taskId: '1' } })).toEqual([['1.1.0', [[two, [0, 1], 6, 3]]]])
    expect(await found({ model: '0xdd', miner: (miners[2] as DataNode).address })).toEqual([['1.0.0', [[one, [1], 2, 1]]], ['1.1.0', [[one, [1], 2, 1], [two, [1], 2, 1]]]])
    const [version] = await Array.fromAsync(reader.datasets.affectedBy({ miner: cheat().address }, { ref: name('1.1.0') }))
    expect(version?.files[0]?.results[0]).toMatchObject({ root: results[1]?.cid.toString(), statement: results[1]?.statements[0]?.statement })
  })

  it('is rebuilt by anybody who knows how rows come out of results', async () => {
    const all = await reader.datasets.reproduce(name('1.1.0'), { rows: async ({ result }: RebuildRows) => await rowsIn(result) })
    expect(all).toMatchObject({ isSame: true, reproduced: 2, files: 2, appended: [], unexplained: 0 })
    const none = await reader.datasets.reproduce(name('1.1.0'))
    expect(none).toMatchObject({ isSame: false, appended: ['data/part-00001.parquet', 'data/part-00002.parquet'], firstDifference: { reason: 'appended' } })
    const otherwise = await reader.datasets.reproduce(name('1.1.0'), {
      rows: async ({ result, lineage }) => lineage.rowGroup === 1 ? [{ answer: 'other', n: 7 }, { answer: result.manifest.miner }] : await rowsIn(result)
    })
    expect(otherwise.firstDifference).toMatchObject({ path: 'data/part-00001.parquet', reason: 'differs', row: 4, result: results[2]?.cid.toString() })
  })

  it('goes on without the rows of one miner, in one call', async () => {
    await using before = await engine.datasets.fetch(name('1.1.0'))
    await using clean = await engine.datasets.publishWithout(before.cid, { miner: cheat().address })
    expect(clean.name).toBe(name('2.0.0'))
    await using read = await reader.datasets.fetch(clean.ticket)
    expect(await answersOf(read)).toEqual((await answersOf(before)).filter(answer => !answer.startsWith(cheat().address)))
    expect(await Array.fromAsync(engine.datasets.affectedBy({ miner: cheat().address }), ({ version }) => version)).toEqual(['1.0.0', '1.1.0'])
    const rows = async ({ result }: RebuildRows): Promise<TableRow[]> => await rowsIn(result)
    expect(await reader.datasets.reproduce(clean.urn, { rows })).toMatchObject({ isSame: true, reproduced: 2 })
    expect((await read.proveRow('data/part-00002.parquet', 3)).byteLength).toBeGreaterThan(0)
    await expect(engine.datasets.publishWithout(clean.cid, { miner: cheat().address })).rejects.toThrow('Nothing of')
  })

  it('grows on after that, and stays without them', async () => {
    await using appender = await engine.datasets.append(init)
    expect(appender.rows).toBe(1)
    await using next = await appender.commit({ version: '2.1.0' })
    expect(next.manifest.previous).toBe((await engine.datasets.latest(`${engine.address}/answers@2.0.0`)).previous)
    const found = await Array.fromAsync(engine.datasets.affectedBy({ model: 'extractor' }, { ref: next.cid }), ({ version, files }) => [version, files.map(({ rows }) => rows)])
    expect(found.slice(0, 2)).toEqual([['2.1.0', [4, 4, 1]], ['2.0.0', [4, 4]]])
    expect(await answersOf(next)).toHaveLength(9)
  })

  it('remembers of the files before who made them, when rows are appended to a dataset of files', async () => {
    const [first, second] = results as [ResultBundle, ResultBundle]
    await using files = await engine.datasets.publish({
      name: 'mixed', version: '1.0.0', files: [{ name: 'both.txt', text: 'both' }], generatedBy: [{ path: 'both.txt', results: [first.cid, second.cid] }]
    })
    await using appender = await engine.datasets.append({ ...init, name: 'mixed' })
    await appender.append([{ answer: 'a' }], { result: second.cid, miner: second.miner })
    await using grown = await appender.commit({ version: '1.1.0' })
    expect(grown.manifest.previous).toBe(files.cid.toString())
    const [found] = await Array.fromAsync(engine.datasets.affectedBy({ miner: second.miner }, { ref: grown.cid }))
    expect(found?.files.map(({ path, rows }) => [path, rows])).toEqual([['data/both.txt', undefined], ['data/part-00001.parquet', 1]])
    await expect(engine.datasets.publishWithout(grown.cid, { miner: second.miner })).rejects.toThrow('would stay')
  })

  it('takes no rows of a result that says it is another miner\'s', async () => {
    const [first] = results as [ResultBundle]
    await using appender = await engine.datasets.append({ ...init, name: 'lies' })
    await expect(appender.append([{ answer: 'a' }], { result: first.urn, miner: cheat().address })).rejects.toMatchObject({ name: 'InvalidArgumentError', details: { argument: 'origin.miner' } })
    expect(appender.rows).toBe(0)
  })
})
