import { describe, expect, it } from 'vitest'
import { findPrevious, readPrevious } from '../../src/dataset/previous-content.ts'
import { encodeProvenance } from '../../src/format/provenance.ts'
import { testIdentity } from '../bundle/fixtures.ts'
import { root } from '../audit/fixtures.ts'
import { partFiles, versionOf } from './appended.ts'
import { knownVersion, resultOf } from './fixtures.ts'

const [one, two] = [resultOf(1), resultOf(2)]

describe('findPrevious', () => {
  it('finds the last signed version before one', async () => {
    const unsigned = { ...await knownVersion('x', '1.11.0'), signed: undefined }
    const known = [await knownVersion('one', '1.0.0'), await knownVersion('two', '1.10.0'), unsigned, await knownVersion('three', '2.0.0')]
    const asked: unknown[] = []
    const list = async (of: unknown) => await Promise.resolve(asked.push(of) > 0 ? known : [])
    const node = { publisher: testIdentity(1).address, versions: { list } }
    const found = await Promise.all(['1.0.0', '1.2.0', '1.12.0', '2.0.0', '2.0.1'].map(async version => await findPrevious(node, 'qa', version)))
    expect(found).toEqual([undefined, root('one').toString(), root('two').toString(), root('two').toString(), root('three').toString()])
    expect(asked[0]).toEqual({ publisher: node.publisher, name: 'qa' })
  })
})

describe('readPrevious', () => {
  const provenance = encodeProvenance({ results: [one, two], files: [
    { path: 'data/a', results: [0, 1], linked: { result: 0, path: 'outputs/a' } }, { path: 'data/part-00003.parquet', results: [0] }, { path: 'data/t', results: [0, 1], rowGroups: [[1], [0]] }
  ] })

  it('hands on all files, and who made those that do not say it beside them', async () => {
    const files = new Map([...await partFiles('data/part-00003.parquet', [[[1, ['a']]]]), ['data/a', Buffer.from('a')], ['data/t', Buffer.from('t')], ['data/u', Buffer.of()], ['provenance.json', provenance]])
    const { files: linked, madeFrom, part } = await readPrevious(async () => await Promise.resolve(versionOf(files)), root('version'))
    expect([linked.map(({ name }) => name), part]).toEqual([['a', 'part-00003.lineage.jsonl', 'part-00003.parquet', 't', 'u'], 3])
    expect(madeFrom).toEqual([
      { path: 'data/a', makers: [{ result: one, linked: 'outputs/a' }, { result: two }] },
      { path: 'data/t', makers: [{ result: one }, { result: two }], rowGroups: [[two], [one]] }
    ])
  })

  it('hands on nothing where there is no version before', async () => {
    expect(await readPrevious(async () => await Promise.reject(new Error('not asked')), undefined)).toEqual({ files: [], madeFrom: [], part: 0 })
    await expect(readPrevious(async () => await Promise.reject(new Error('not asked')), 'nothing')).rejects.toMatchObject({ name: 'InvalidReferenceError' })
  })
})
