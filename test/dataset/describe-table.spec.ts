import { describe, expect, it } from 'vitest'
import { describeTable, tableFormat } from '../../src/dataset/describe-table.ts'
import { PackageMissingError } from '../../src/errors.ts'
import { CountedSource, numberedParquet, textSource } from './parquet-files.ts'

describe('describeTable', () => {
  it('describes Parquet by its footer alone', async () => {
    const source = new CountedSource('data/a.parquet', numberedParquet())
    expect(await describeTable(source)).toEqual({
      format: 'parquet',
      fields: [{ name: 'id', type: 'sc:Integer', nullable: false }, { name: 'name', type: 'sc:Text', nullable: false }, { name: 'score', type: 'sc:Float', nullable: true }],
      rows: 10_000,
      rowGroups: 10
    })
    expect(source.asked).toHaveLength(1)
  })

  it('describes JSON Lines and CSV by all of their rows', async () => {
    expect(await describeTable(textSource('a.jsonl', '{"q":"x","n":1}\n{"q":"y","n":1.5}\n'))).toEqual({
      format: 'jsonl', fields: [{ name: 'q', type: 'sc:Text', nullable: false }, { name: 'n', type: 'sc:Float', nullable: false }], rows: 2
    })
    expect(await describeTable(textSource('a.CSV', 'id,q\n1,x\n'))).toEqual({
      format: 'csv', fields: [{ name: 'id', type: 'sc:Integer', nullable: false }, { name: 'q', type: 'sc:Text', nullable: false }], rows: 1
    })
  })

  it('describes a CSV without rows by its header', async () => {
    expect(await describeTable(textSource('a.csv', 'id,q\n'))).toMatchObject({ rows: 0, fields: [{ name: 'id', type: 'sc:Text' }, { name: 'q', type: 'sc:Text' }] })
  })

  it('says nothing of what is no table', async () => {
    expect(await describeTable(textSource('README.md', '#'))).toBeUndefined()
  })

  it('needs what decodes Parquet for Parquet only', async () => {
    const load = async (): Promise<never> => { throw new PackageMissingError('hyparquet') }
    expect(await describeTable(textSource('a.csv', 'a\n'), { load })).toMatchObject({ format: 'csv' })
    await expect(describeTable(textSource('a.parquet', ''), { load })).rejects.toMatchObject({ name: 'PackageMissingError' })
  })
})

describe('tableFormat', () => {
  it.each([['data/x.jsonl', 'jsonl'], ['x.ndjson', 'jsonl'], ['x.PARQUET', 'parquet'], ['x.csv', 'csv'], ['x.tsv', 'csv'], ['x.json', undefined], ['csv.constructor', undefined]])('tells %s', (path, format) => {
    expect(tableFormat(path)).toBe(format)
  })
})
