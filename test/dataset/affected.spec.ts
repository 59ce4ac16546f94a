import { describe, expect, it } from 'vitest'
import { affectedFiles, checkSelector, findAffected, isMeantRow, readProvenance } from '../../src/dataset/affected.ts'
import { FileNotFoundError } from '../../src/errors.ts'
import { encodeProvenance } from '../../src/format/provenance.ts'
import { miner } from '../audit/fixtures.ts'
import { partFiles, versionOf } from './appended.ts'
import { resultOf } from './fixtures.ts'
import type { AffectedFile } from '../../src/interface/dataset-lineage.ts'
import type { Provenance, ProvenanceSelector } from '../../src/interface/provenance.ts'

const provenance = {
  results: [resultOf(1), resultOf(2), { ...resultOf(3), model: { name: 'm', digest: '0xdd' } }],
  files: [
    { path: 'data/a', results: [0] }, { path: 'data/t.parquet', results: [0, 1, 2], rowGroups: [[0], [1], [0, 1]] }, { path: 'data/z', results: [2] }
  ]
}
const { task } = resultOf(1)

describe('affectedFiles', () => {
  it.each([
    ['a miner', { miner: miner(1) }, [['data/a', undefined], ['data/t.parquet', [0, 2]]]],
    ['a miner in any case', { miner: miner(0xab).toUpperCase().replace('X', 'x') as `0x${string}` }, []],
    ['a model by its name', { model: 'model 2' }, [['data/t.parquet', [1, 2]]]],
    ['a model by its digest, where it made no row group alone', { model: '0xdd' }, [['data/t.parquet', undefined], ['data/z', undefined]]],
    ['a task', { task: { ...task, taskId: '2' } }, [['data/t.parquet', [1, 2]]]],
    ['a session', { task: { chainId: task.chainId, queue: task.queue, sessionId: task.sessionId }, miner: miner(3) }, [['data/t.parquet', undefined], ['data/z', undefined]]],
    ['another session', { task: { ...task, sessionId: '8' } }, []]
  ])('finds what was made by %s', (_, selector, expected) => {
    expect(affectedFiles(provenance, selector).map(({ path, rowGroups }) => [path, rowGroups])).toEqual(expected)
  })

  it('names the results', () => {
    expect(affectedFiles(provenance, { model: '0xdd' })[0]?.results).toEqual([provenance.results[2]])
  })
})

describe('findAffected', () => {
  it('finds appended rows by what is said beside them, in the order of paths among what the version says of others', async () => {
    const part = 'data/part-00001.parquet'
    const said = { ...provenance, files: [provenance.files[0], { path: part, results: [0] }, provenance.files[2]] as Provenance['files'] }
    const files = await partFiles(part, [[[3, ['a']], [2, ['b', 'c']]], [[1, ['d']]], [[3, ['e', 'f', 'g']]]])
    const version = versionOf(files.set('provenance.json', encodeProvenance(said)))
    const found = async (selector: ProvenanceSelector): Promise<unknown[]> =>
      (await findAffected(version, selector)).map(({ path, rowGroups, rows }) => [path, rowGroups, rows])
    expect(await found({ miner: miner(1) })).toEqual([['data/a', undefined, undefined], [part, [1], 1]])
    expect(await found({ task: resultOf(3).task })).toEqual([[part, [0, 2], 4], ['data/z', undefined, undefined]])
    expect(await found({ model: 'model 2' })).toEqual([[part, [0], 2]])
    expect(await found({ model: 'model 7' })).toEqual([])
  })

  it('reads once what versions share', async () => {
    const version = versionOf(await partFiles('data/part-00001.parquet', [[[1, ['a']]]]))
    let reads = 0
    const counted = { ...version, stream: (path: string) => { reads++; return version.stream(path) } }
    const seen = new Map<string, AffectedFile | undefined>()
    const [first, second] = [await findAffected(counted, { miner: miner(1) }, { seen }), await findAffected(counted, { miner: miner(1) }, { seen })]
    expect([first.length, second, reads]).toEqual([1, first, 1])
  })
})

describe('isMeantRow', () => {
  it('knows of what was only named no more than was said', () => {
    const line = { path: 'data/part-00001.parquet', rowGroup: 0, from: 0, to: 1, result: resultOf(1).root, miner: miner(1) }
    expect([isMeantRow(line, { miner: miner(1) }), isMeantRow(line, { task }), isMeantRow(line, { model: 'model 1' })]).toEqual([true, false, false])
    expect(isMeantRow({ ...line, model: 'm', modelDigest: '0xdd', task }, { model: '0xdd', task })).toBe(true)
  })
})

describe('checkSelector', () => {
  it.each([undefined, {}, { miner: 5 }, { miner: '0x1' }, { model: 5 }, { task: 5 }, { task: { ...task, taskId: '01' } }])('refuses %j', selector => {
    expect(() => { checkSelector(selector) }).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })
})

describe('readProvenance', () => {
  it('reads what a version says, and knows of one that says nothing', async () => {
    expect(await readProvenance({ bytes: async () => await Promise.resolve(encodeProvenance(provenance)) })).toEqual(provenance)
    expect(await readProvenance({ bytes: async () => await Promise.reject(new FileNotFoundError('no')) })).toBeUndefined()
    await expect(readProvenance({ bytes: async () => await Promise.resolve(Buffer.from('{}')) })).rejects.toMatchObject({ name: 'InvalidProvenanceError' })
  })
})
