import { describe, expect, it } from 'vitest'
import { datasetBundleInit } from '../../src/dataset/dataset-bundle.ts'
import { Lineage } from '../../src/dataset/lineage.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

const context = (previous?: DatasetBundle) => ({ publisher: miner(1), previous, readers: 'anyone' as const, lineage: new Lineage([]) })
const content = { read: async function * () { yield await Promise.resolve(Buffer.from('a\n1\n')) } }
const init: DatasetInit = { name: 'qa', version: '1.1.0', files: [{ name: 'a.csv', text: 'a\n1\n' }] }
const imported = (path: string) => ({ path, cid: root(path), bytes: 4n, sha256: `0x${'00'.repeat(32)}` as const })
const version = (datasetVersion: string, publisher = miner(1), name = 'qa'): DatasetBundle =>
  ({ cid: root(datasetVersion), urn: `urn of ${datasetVersion}`, manifest: { publisher, name, datasetVersion } }) as unknown as DatasetBundle

describe('datasetBundleInit', () => {
  it('puts files below data/ and names publisher, version and predecessor', () => {
    const { files, manifest, answers } = datasetBundleInit(init, context(version('1.0.0')))
    expect(files.map(({ name }) => name)).toEqual(['data/a.csv'])
    expect(manifest(root('x'))).toMatchObject({
      kind: 'dataset', publisher: miner(1), name: 'qa', datasetVersion: '1.1.0', previous: root('1.0.0').toString()
    })
    expect(answers?.toString()).toBe(root('1.0.0').toString())
  })

  it('describes what was imported in croissant.json and README.md', async () => {
    const { describe } = datasetBundleInit(init, context())
    const described = await describe?.([imported('data/a.csv')], content)
    expect(described?.map(({ name }) => name)).toEqual(['croissant.json', 'README.md'])
  })

  it.each(['', 'QA', '-qa', 'q a', 'q/a', 'q'.repeat(101)])('refuses the name %j', name => {
    expect(() => datasetBundleInit({ ...init, name }, context())).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it.each([
    ['a version that is not one', { ...init, version: '1.0' }, undefined],
    ['no files', { ...init, files: [] }, undefined],
    ['an equal version before it', init, version('1.1.0')],
    ['a later version before it', init, version('2.0.0')],
    ['another publisher\'s version before it', init, version('1.0.0', miner(2))],
    ['another dataset before it', init, version('1.0.0', miner(1), 'other')]
  ])('refuses %s', (_, bad, previous) => {
    expect(() => datasetBundleInit(bad, context(previous))).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it('places a directory beside files', () => {
    expect(datasetBundleInit({ ...init, directory: '/in' }, context()).files).toEqual([{ name: 'data', path: '/in' }, { name: 'data/a.csv', text: 'a\n1\n' }])
    expect(datasetBundleInit({ name: 'qa', version: '1.0.0', directory: '/in' }, context()).files).toHaveLength(1)
    expect(() => datasetBundleInit({ ...init, directory: 5 as never }, context())).toThrow('directory must be the path of a directory')
  })

  it('says in provenance.json which results made which files', async () => {
    const result = { root: root('r').toString(), answers: root('t').toString(), task: { chainId: '1', queue: miner(9), sessionId: '1', taskId: '0' }, miner: miner(2) }
    const { describe } = datasetBundleInit(init, { ...context(), lineage: new Lineage([{ path: 'data/a.csv', makers: [{ result }] }]) })
    const described = await describe?.([imported('data/a.csv')], content)
    expect(described?.map(({ name }) => name)).toEqual(['croissant.json', 'README.md', 'provenance.json'])
  })

  it('refuses an empty directory, and a file in its place', async () => {
    const { describe } = datasetBundleInit({ ...init, directory: '/in' }, context())
    await expect(describe?.([], content)).rejects.toThrow('has no files')
    await expect(describe?.([imported('data')], content)).rejects.toThrow('a file goes into files')
  })

  it('asks before it describes anything', async () => {
    const check = async (): Promise<void> => { await Promise.reject(new Error('no')) }
    await expect(datasetBundleInit(init, { ...context(), check }).describe?.([imported('data/a.csv')], content)).rejects.toThrow('no')
  })

  it('cuts files by their content when it is told so, and says so in the manifest', () => {
    const fixed = datasetBundleInit({ ...init, chunking: 'fixed' }, context())
    expect([fixed.chunking, fixed.manifest(root('x'))]).toEqual([undefined, expect.not.objectContaining({ chunking: expect.anything() as unknown })])
    const { chunking, manifest } = datasetBundleInit({ ...init, chunking: 'content-defined' }, context())
    expect([chunking, manifest(root('x')).chunking]).toEqual(['gear-2', 'gear-2'])
    expect(() => datasetBundleInit({ ...init, chunking: 'rabin' as never }, context())).toThrow("chunking must be 'fixed' or 'content-defined'")
  })
})
