import { describe, expect, it } from 'vitest'
import { checkOwn, versionWithout } from '../../src/dataset/without.ts'
import { FileNotFoundError } from '../../src/errors.ts'
import { encodeProvenance } from '../../src/format/provenance.ts'
import { miner, root } from '../audit/fixtures.ts'
import { partFiles, versionOf } from './appended.ts'
import { resultOf } from './fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const [one, two] = [resultOf(1), resultOf(2)]
const provenance = {
  results: [one, two],
  files: [
    { path: 'data/a', results: [0], linked: { result: 0, path: 'outputs/a' } }, { path: 'data/b', results: [1] }, { path: 'data/t', results: [0, 1], rowGroups: [[0], [1]] }
  ]
}
const bundle = {
  cid: root('version'), urn: 'u', name: '0x/qa@1.2.3', manifest: { name: 'qa', datasetVersion: '1.2.3' },
  files: async function * () {
    for (const path of ['data/a', 'data/b', 'data/own', 'data/t']) yield await Promise.resolve({ path, type: 'file', cid: root(path) })
  },
  file: async () => await Promise.reject(new FileNotFoundError('no')),
  bytes: async (path: string) => await Promise.resolve(path === 'provenance.json' ? encodeProvenance(provenance) : Buffer.from('{"description":"d"}'))
} as unknown as DatasetBundle

describe('checkOwn', () => {
  it('refuses the dataset of another publisher, and says what can be done', () => {
    const version = { name: '0x/qa@1.2.3', manifest: { publisher: miner(1) } } as DatasetBundle
    expect(() => { checkOwn(version, miner(1)) }).not.toThrow()
    expect(() => { checkOwn(version, miner(2)) }).toThrow('publish one of your own, with derivedFrom')
  })
})

describe('versionWithout', () => {
  it('links what stays under the next major number, and keeps what is known of it', async () => {
    const { init, lineage } = await versionWithout(bundle, { miner: miner(2) }, {})
    expect(init).toEqual({
      name: 'qa', version: '2.0.0', previous: root('version'), description: 'd', files: [{ name: 'a', cid: root('data/a') }, { name: 'own', cid: root('data/own') }]
    })
    expect(lineage.of(['data/a', 'data/own'])).toEqual({ results: [one], files: [{ path: 'data/a', results: [0], linked: { result: 0, path: 'outputs/a' } }] })
  })

  it('lets a file be written anew without its row groups', async () => {
    const asked: unknown[] = []
    const rewrite = async ({ path, rowGroups }: { path: string, rowGroups: readonly number[] }) => {
      asked.push([path, rowGroups])
      return await Promise.resolve({ bytes: new Uint8Array([1]) })
    }
    const { init, lineage } = await versionWithout(bundle, { miner: miner(2) }, { rewrite, version: '3.0.0', description: 'other' })
    expect(init).toMatchObject({ version: '3.0.0', description: 'other' })
    expect(init.files?.map(({ name }) => name)).toEqual(['a', 'own', 't'])
    expect(asked).toEqual([['data/t', [1]]])
    expect(lineage.of(['data/a', 'data/t']).files[1]).toEqual({ path: 'data/t', results: [0], rowGroups: [[0]] })
  })

  it('writes tables of appended rows anew, drops those of which nothing stays, and can prove what it could', async () => {
    const parts = [...await partFiles('data/part-00001.parquet', [[[1, ['a']], [2, ['b']]]]), ...await partFiles('data/part-00002.parquet', [[[2, ['c']]]]), ...await partFiles('data/part-00003.parquet', [[[1, ['d']]]])]
    const version = versionOf(new Map([...parts, ['rows.json', Buffer.of()], ['croissant.json', Buffer.from('{}')]]))
    const { init, lineage } = await versionWithout(version, { miner: miner(2) }, {})
    expect(init).toMatchObject({ version: '2.0.0', provable: true })
    expect(init.files?.map(file => [file.name, 'cid' in file])).toEqual([
      ['part-00001.parquet', false], ['part-00001.lineage.jsonl', false], ['part-00003.lineage.jsonl', true], ['part-00003.parquet', true]
    ])
    expect(lineage.isEmpty).toBe(true)
    await expect(versionWithout(versionOf(await partFiles('data/part-00002.parquet', [[[2, ['c']]]])), { miner: miner(2) }, {})).rejects.toThrow('would stay')
  })

  it('refuses what changes nothing, and what leaves nothing', async () => {
    await expect(versionWithout(bundle, { miner: miner(7) }, {})).rejects.toThrow('Nothing of 0x/qa@1.2.3 was made from')
    const alone = { ...bundle, files: async function * () { yield await Promise.resolve({ path: 'data/b', type: 'file', cid: root('b') }) } } as unknown as DatasetBundle
    await expect(versionWithout(alone, { miner: miner(2) }, {})).rejects.toThrow('would stay')
  })
})
