import { describe, expect, it } from 'vitest'
import { compareFields, compareTables } from '../../src/dataset/compare-tables.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { parquetBytes, textSource } from './parquet-files.ts'

const csv = async (text: string): ReturnType<typeof openTable> => await openTable(textSource('a.csv', text))

describe('compareTables', () => {
  it('compares the columns that both have, and says what the others are', async () => {
    const { fields, rows } = compareTables(await csv('id,q,old\n1,a,x\n2,b,x\n'), await csv('id,new,q\n1,y,a\n2,y,c\n3,y,d\n'), { key: ['id'] })
    expect(fields.map(({ name, before, after }) => [name, before?.type, after?.type])).toEqual([['old', 'sc:Text', undefined], ['new', undefined, 'sc:Text']])
    expect(await Array.fromAsync(rows())).toEqual([
      { type: 'added', row: { id: '3', q: 'd' } },
      { type: 'changed', before: { id: '2', q: 'b' }, after: { id: '2', q: 'c' } }
    ])
  })

  it('compares tables of Parquet, by all kinds of values', async () => {
    const table = async (last: bigint): ReturnType<typeof openTable> =>
      await openTable(memorySource('a.parquet', parquetBytes([{ name: 'n', data: [1n, 2n ** 60n, last] }, { name: 'd', data: [new Date(0), new Date(1), new Date(2)] }])))
    const later = await table(4n)
    expect(await Array.fromAsync(later.diff(await table(3n)).rows())).toEqual([
      { type: 'added', row: { n: 4n, d: new Date(2) } }, { type: 'removed', row: { n: 3n, d: new Date(2) } }
    ])
    expect(await Array.fromAsync(later.diff(later).rows())).toEqual([])
  })

  it('compares JSON Lines by whatever each row has', async () => {
    const [before, after] = await Promise.all(['{"a":1}\n{"a":2}\n', '{"a":2}\n{"a":1,"b":2}\n'].map(async text => await openTable(textSource('a.jsonl', text))))
    if (before === undefined || after === undefined) throw new Error('there are two')
    expect(await Array.fromAsync(after.diff(before).rows())).toEqual([{ type: 'added', row: { a: 1, b: 2 } }, { type: 'removed', row: { a: 1 } }])
  })

  it('refuses a key that is none', async () => {
    const [before, after] = [await csv('id,old\n'), await csv('id,new\n')]
    expect(() => compareTables(before, after, { key: [] })).toThrow('key must be at least one column')
    expect(() => compareTables(before, after, { key: ['old'] })).toThrow('key must be columns that both tables have, and is "old"')
  })
})

describe('compareFields', () => {
  it('tells columns that came, went, and changed', () => {
    const field = { type: 'sc:Text', nullable: false } as const
    expect(compareFields([{ name: 'a', ...field }, { name: 'b', ...field }], [{ name: 'b', ...field, nullable: true }, { name: 'c', ...field }])).toEqual([
      { name: 'a', before: { name: 'a', ...field } },
      { name: 'b', before: { name: 'b', ...field }, after: { name: 'b', ...field, nullable: true } },
      { name: 'c', after: { name: 'c', ...field } }
    ])
  })
})
