import { describe, expect, it } from 'vitest'
import { datasetBundleInit } from '../../src/dataset/dataset-bundle.ts'
import { miner, root } from '../audit/fixtures.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'
import type { DatasetInit } from '../../src/interface/dataset.ts'

const init: DatasetInit = { name: 'qa', version: '1.1.0', files: [{ name: 'a.csv', text: 'a\n1\n' }] }
const version = (datasetVersion: string, publisher = miner(1), name = 'qa'): DatasetBundle =>
  ({ cid: root(datasetVersion), urn: `urn of ${datasetVersion}`, manifest: { publisher, name, datasetVersion } }) as unknown as DatasetBundle

describe('datasetBundleInit', () => {
  it('puts files below data/ and names publisher, version and predecessor', () => {
    const { files, manifest, answers } = datasetBundleInit(init, miner(1), version('1.0.0'), 'anyone')
    expect(files.map(({ name }) => name)).toEqual(['data/a.csv'])
    expect(manifest(root('x'))).toMatchObject({
      kind: 'dataset', publisher: miner(1), name: 'qa', datasetVersion: '1.1.0', previous: root('1.0.0').toString()
    })
    expect(answers?.toString()).toBe(root('1.0.0').toString())
  })

  it('describes what was imported in croissant.json and README.md', async () => {
    const { describe } = datasetBundleInit(init, miner(1), undefined, 'anyone')
    const content = { read: (): never => { throw new Error('nothing is read') } }
    const described = await describe?.([{ path: 'data/a.csv', cid: root('f'), bytes: 4n, sha256: `0x${'00'.repeat(32)}` }], content)
    expect(described?.map(({ name }) => name)).toEqual(['croissant.json', 'README.md'])
  })

  it.each(['', 'QA', '-qa', 'q a', 'q/a', 'q'.repeat(101)])('refuses the name %j', name => {
    expect(() => datasetBundleInit({ ...init, name }, miner(1), undefined, 'anyone')).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it.each([
    ['a version that is not one', { ...init, version: '1.0' }, undefined],
    ['no files', { ...init, files: [] }, undefined],
    ['an equal version before it', init, version('1.1.0')],
    ['a later version before it', init, version('2.0.0')],
    ['another publisher\'s version before it', init, version('1.0.0', miner(2))],
    ['another dataset before it', init, version('1.0.0', miner(1), 'other')]
  ])('refuses %s', (_, bad, previous) => {
    expect(() => datasetBundleInit(bad, miner(1), previous, 'anyone')).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })
})
