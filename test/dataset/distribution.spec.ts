import { describe, expect, it } from 'vitest'
import { describeFiles, rowsOf } from '../../src/dataset/distribution.ts'
import { croissantFileObjectsMax, croissantFileSetsMax } from '../../src/limits.ts'
import { root } from '../audit/fixtures.ts'

const file = (path: string) => ({ path, cid: root(path), bytes: 2n, sha256: `0x${'ab'.repeat(32)}` as const })

describe('describeFiles', () => {
  it('names each file while they are few', async () => {
    const resources = await describeFiles(Array.from({ length: croissantFileObjectsMax }, (_, i) => file(`data/${i}.csv`)))
    expect(resources).toHaveLength(croissantFileObjectsMax)
    expect(new Set(resources.map(({ type }) => type))).toEqual(new Set(['fileObject']))
  })

  it('describes many as sets by the ends of their names', async () => {
    const files = Array.from({ length: croissantFileObjectsMax + 1 }, (_, i) => file(i % 3 === 0 ? `data/${i}` : `data/x/${i}.csv`))
    const resources = await describeFiles(files)
    expect(resources.map(({ id, json }) => [id, json['includes'], json['excludes'], json['description']])).toEqual([
      ['files/csv', ['data/*.csv', 'data/**/*.csv'], undefined, '667 files, 1334 bytes.'],
      ['files/other', ['data/*', 'data/**/*'], ['data/*.csv', 'data/**/*.csv'], '334 files, 668 bytes.']
    ])
  })

  it('has a bound on sets, whatever names there are', async () => {
    const files = Array.from({ length: croissantFileObjectsMax + 1 }, (_, i) => file(`data/a.e${i}`))
    expect(await describeFiles(files)).toHaveLength(croissantFileSetsMax + 1)
  })

  it('names, of tables that rows were appended to, the file that says where they came from', async () => {
    const files = ['data/part-00001.lineage.jsonl', 'data/part-00001.parquet', 'data/part-00002.parquet', 'data/x.parquet'].map(file)
    expect((await describeFiles(files)).map(({ json }) => json['prov:has_provenance'])).toEqual([undefined, { '@id': 'data/part-00001.lineage.jsonl' }, undefined, undefined])
  })

  it('escapes in a URL what would end its path', async () => {
    expect((await describeFiles([file('data/a ?#%.csv')]))[0]?.json['contentUrl']).toBe('data/a %3F%23%25.csv')
  })
})

describe('rowsOf', () => {
  it('says nothing where the rows are not known', () => {
    expect(rowsOf({ fields: [] })).toEqual({})
    expect(rowsOf({ fields: [], rows: 0 })).toEqual({ additionalProperty: [{ '@type': 'sc:PropertyValue', name: 'rows', value: 0 }] })
  })
})
