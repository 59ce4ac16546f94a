import { describe, expect, it } from 'vitest'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { CountedSource, numberedParquet, textSource } from './parquet-files.ts'
import type { RowsOptions, Table } from '../../src/interface/table.ts'

const numbered = numberedParquet()
const ids = async (table: Table, options: RowsOptions): Promise<unknown[]> => (await Array.fromAsync(table.rows({ columns: ['id'], ...options }))).map(({ id }) => id)

describe('openTable of Parquet', () => {
  const open = async (): Promise<Table> => await openTable(memorySource('data/a.parquet', numbered))

  it('tells fields, rows and row groups', async () => {
    const { path, format, fields, rowCount, rowGroups } = await open()
    expect([path, format, rowCount, fields.map(({ name }) => name)]).toEqual(['data/a.parquet', 'parquet', 10_000, ['id', 'name', 'score']])
    expect(rowGroups).toHaveLength(10)
    expect(rowGroups[3]).toMatchObject({ from: 3_000, rows: 1_000 })
    expect(rowGroups[3]?.bytes).toBeGreaterThan(0)
  })

  it('reads the columns that are asked for, in their order', async () => {
    const [row] = await Array.fromAsync((await open()).rows({ columns: ['score', 'id'], limit: 1, offset: 1 }))
    expect(Object.entries(row ?? {})).toEqual([['score', 0.5], ['id', 1]])
  })

  it('reads the rows that are asked for', async () => {
    const table = await open()
    expect(await ids(table, { offset: 2_999, limit: 3 })).toEqual([2_999, 3_000, 3_001])
    expect(await ids(table, { offset: 9_999, limit: 3 })).toEqual([9_999])
    expect(await ids(table, { offset: 10_000 })).toEqual([])
    expect(await ids(table, { limit: 0 })).toEqual([])
    expect(await ids(table, { where: { id: { gte: 4_998 }, score: null }, limit: 2, offset: 1 })).toEqual([5_001, 5_004])
  })

  it('fetches no row group without rows that are asked for', async () => {
    const source = new CountedSource('a.parquet', numbered)
    const table = await openTable(source)
    for (const options of [{ where: { id: 7_500 } }, { offset: 7_500, limit: 1 }, { where: { name: 'row 7500', id: { gt: 7_400, lt: 7_600 } } }]) {
      source.asked.length = 0
      expect(await ids(table, options)).toEqual([7_500])
      expect(source.asked).toHaveLength(1)
    }
    source.asked.length = 0
    expect(await ids(table, { where: { id: { gt: 10_000 } } })).toEqual([])
    expect(source.asked).toEqual([])
  })

  it('leaves a column out that only a condition needs', async () => {
    expect(await Array.fromAsync((await open()).rows({ columns: ['name'], where: { id: 5 } }))).toEqual([{ name: 'row 5' }])
  })

  it('refuses a column that it does not have', async () => {
    const table = await open()
    expect(() => table.rows({ columns: ['nope'] })).toThrow('columns must be columns that the table has (id, name, score), and is "nope"')
    expect(() => table.rows({ where: { nope: 1 } })).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
    expect(() => table.rows({ limit: -1 })).toThrow('limit')
  })
})

describe('openTable of text', () => {
  const csv = 'id,q\n1,a\n2,b\n10,c\n'
  const jsonl = '{"id":1,"q":"a"}\n{"id":2,"q":"b"}\n{"id":10,"q":"c","late":true}\n'

  it('tells fields from the first rows', async () => {
    expect(await openTable(textSource('a.csv', csv))).toMatchObject({ format: 'csv', rowCount: undefined, rowGroups: [], fields: [{ name: 'id', type: 'sc:Integer' }, { name: 'q', type: 'sc:Text' }] })
  })

  it('reads what is asked for', async () => {
    expect(await ids(await openTable(textSource('a.csv', csv)), { where: { id: { gte: 2 } } })).toEqual(['2', '10'])
    expect(await ids(await openTable(textSource('a.jsonl', jsonl)), { where: { id: { gte: 2 } }, offset: 1 })).toEqual([10])
    expect(await Array.fromAsync((await openTable(textSource('a.jsonl', jsonl))).rows({ columns: ['late'], limit: 1 }))).toEqual([{ late: null }])
    expect(await Array.fromAsync((await openTable(textSource('a.jsonl', jsonl))).rows({ where: { late: true } }))).toEqual([{ id: 10, q: 'c', late: true }])
  })

  it('takes tabs for commas where the name says so', async () => {
    const table = await openTable(textSource('a.TSV', 'id\tq, r\r\n1\ta,b\r\n2\t"b\tc"\r\n'))
    expect(table).toMatchObject({ format: 'csv', fields: [{ name: 'id', type: 'sc:Integer' }, { name: 'q, r', type: 'sc:Text' }] })
    expect(await Array.fromAsync(table.rows({ where: { id: { gte: 1 } } }))).toEqual([{ id: '1', 'q, r': 'a,b' }, { id: '2', 'q, r': 'b\tc' }])
  })

  it('reads no further than the rows that are asked for', async () => {
    let pieces = 0
    const source = { ...textSource('a.jsonl', ''), stream: async function * () { for (;;) { pieces++; yield new TextEncoder().encode('{"id":1}\n') } } }
    const table = await openTable(source)
    pieces = 0
    expect(await ids(table, { limit: 3 })).toEqual([1, 1, 1])
    expect(pieces).toBe(3)
  })

  it('refuses a column that a CSV does not have', async () => {
    const table = await openTable(textSource('a.csv', csv))
    expect(() => table.rows({ columns: ['nope'] })).toThrow('columns that the table has (id, q)')
  })

  it('refuses what is no table by its name', async () => {
    await expect(openTable(textSource('a.txt', ''))).rejects.toMatchObject({ name: 'InvalidTableError', message: 'a.txt is no table: its name ends with none of .parquet, .jsonl, .ndjson, .csv and .tsv' })
  })
})
