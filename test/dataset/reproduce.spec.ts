import { describe, expect, it } from 'vitest'
import { reproduceVersion } from '../../src/dataset/reproduce.ts'
import { FileNotFoundError, UnavailableError } from '../../src/errors.ts'
import { encodeProvenance } from '../../src/format/provenance.ts'
import { parseCidText } from '../../src/format/cid-text.ts'
import { root } from '../audit/fixtures.ts'
import { partFiles, versionOf } from './appended.ts'
import { resultOf } from './fixtures.ts'
import type { Bundle, DatasetBundle } from '../../src/interface/bundle.ts'
import type { ReproduceOptions } from '../../src/interface/dataset-lineage.ts'
import type { ProvenanceFile } from '../../src/interface/provenance.ts'

const made = 'bafkreib33zfqgowoejoa43vqntllufoi5fkh3joz7wejukpfxmaisq2pay'
const bytes = Buffer.from('hello')
const hello = 'bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq'

function version (files: Record<string, string>, provenance: readonly ProvenanceFile[]): DatasetBundle {
  return {
    cid: root('version'), manifest: { datasetVersion: '1.0.0', publisher: '0x' }, statements: [],
    files: async function * () { for (const [path, cid] of Object.entries(files)) yield await Promise.resolve({ path, type: 'file', cid: parseCidText(cid) }) },
    bytes: async () => await Promise.resolve(encodeProvenance({ results: [resultOf(1)], files: provenance }))
  } as unknown as DatasetBundle
}

let open = 0
const components = {
  open: async () => {
    open++
    const files = async function * (path: string) {
      if (path !== 'outputs/a') throw new FileNotFoundError('no')
      yield await Promise.resolve({ path, type: 'file', cid: parseCidText(hello) })
    }
    return await Promise.resolve({ manifest: { kind: 'result' }, files, close: async () => { await Promise.resolve(open--) } } as unknown as Bundle)
  }
}
const linked = (path: string): ProvenanceFile => ({ path: 'data/a', results: [0], linked: { result: 0, path } })

describe('reproduceVersion', () => {
  it('finds what is linked in the result that it is linked from', async () => {
    expect(await reproduceVersion(components, version({ 'data/a': hello, 'data/own': made }, [linked('outputs/a')]), {}))
      .toMatchObject({ isSame: true, reproduced: 1, files: 2, unexplained: 1 })
    expect(open).toBe(0)
  })

  it.each([
    ['another file stands there', { 'data/a': made }, [linked('outputs/a')], { path: 'data/a', reason: 'differs', published: made, rebuilt: hello }],
    ['nothing stands there', { 'data/a': hello }, [linked('outputs/b')], { path: 'data/a', reason: 'not-in-result', published: hello }],
    ['nobody knows how it was made', { 'data/a': hello }, [{ path: 'data/a', results: [0] }], { path: 'data/a', reason: 'not-rebuilt', published: hello }],
    ['it is named and not there', { 'data/b': hello }, [linked('outputs/a')], { path: 'data/a', reason: 'differs', published: '' }]
  ])('says where it first differs when %s', async (_, files, provenance, difference) => {
    const { isSame, firstDifference } = await reproduceVersion(components, version(files, provenance), {})
    expect([isSame, firstDifference]).toEqual([false, difference])
    expect(open).toBe(0)
  })

  it('lets the host make a file, from bytes or a stream', async () => {
    const own = version({ 'data/a': hello }, [{ path: 'data/a', results: [0] }])
    const stream = (async function * () { yield await Promise.resolve(bytes) })()
    for (const content of [bytes, stream]) {
      const build: ReproduceOptions['build'] = async ({ results }) => await Promise.resolve(results.length === 1 ? content : undefined)
      expect((await reproduceVersion(components, own, { build })).isSame).toBe(true)
    }
    await expect(reproduceVersion(components, own, { build: async () => await Promise.resolve('text' as never) })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    expect(open).toBe(0)
  })

  it('names tables that rows were appended to and not made again', async () => {
    const files = await partFiles('data/part-00001.parquet', [[[1, ['a']]]])
    const own = versionOf(files.set('data/z', Buffer.from('hello')))
    expect(await reproduceVersion(components, own, {})).toMatchObject({
      isSame: false, reproduced: 0, files: 2, unexplained: 1, appended: ['data/part-00001.parquet'],
      firstDifference: { path: 'data/part-00001.parquet', reason: 'appended' }
    })
    const rows: ReproduceOptions['rows'] = async () => await Promise.resolve([{ text: 'a', n: 1 }])
    expect(await reproduceVersion(components, own, { rows })).toMatchObject({ isSame: true, reproduced: 1, files: 2, unexplained: 1, appended: [] })
  })

  it('throws what stands in the way of a result', async () => {
    const gone = { open: async () => await Promise.reject(new UnavailableError('gone')) }
    await expect(reproduceVersion(gone, version({ 'data/a': hello }, [linked('outputs/a')]), {})).rejects.toMatchObject({ name: 'UnavailableError' })
  })
})
