import { describe, expect, it } from 'vitest'
import { compareFields, compareTables } from '../../src/dataset/compare-tables.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { BlockSource, parquetBytes, textSource } from './parquet-files.ts'

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

describe('row groups that two tables share', () => {
  const bytesOf = (ids: readonly number[], changed = -1): Uint8Array => parquetBytes([
    { name: 'id', data: Int32Array.from(ids), type: 'INT32', nullable: false },
    { name: 'x', data: Float64Array.from(ids, id => id === changed ? -1 : id / 3), nullable: false }
  ], { rowGroupSize: 10_000, codec: 'UNCOMPRESSED' })
  const ids = Array.from({ length: 50_000 }, (_, id) => id)

  it.each([undefined, ['id']])('are not read (key %o)', async key => {
    const [before, after] = [new BlockSource('a.parquet', bytesOf(ids)), new BlockSource('b.parquet', bytesOf([...ids, 50_000], 31_000))]
    const diff = (await openTable(after)).diff(await openTable(before), key === undefined ? {} : { key })
    before.asked.length = after.asked.length = 0
    expect(await diff.rowGroups()).toEqual({
      added: [{ from: 30_000, rows: 10_000, bytes: expect.any(Number) as number }, { from: 50_000, rows: 1, bytes: expect.any(Number) as number }],
      removed: [{ from: 30_000, rows: 10_000, bytes: expect.any(Number) as number }],
      same: 4
    })
    expect([before.asked, after.asked]).toEqual([[], []])
    const changes = await Array.fromAsync(diff.rows(), change => change.type === 'changed' ? [change.type, change.after] : [change.type, change.row])
    const [now, then] = [{ id: 31_000, x: -1 }, { id: 31_000, x: 31_000 / 3 }]
    const added = ['added', { id: 50_000, x: 50_000 / 3 }]
    expect(changes).toEqual(key === undefined ? [['added', now], added, ['removed', then]] : [added, ['changed', now]])
    const read = (source: BlockSource): number => source.asked.reduce((sum, { start, end }) => sum + end - start, 0)
    // The later table is read once, and the earlier one twice.
    expect([read(after) < 0.3 * after.size, read(before) < 0.5 * before.size]).toEqual([true, true])
  })

  it('are not known of other tables', async () => {
    const [parquet, text] = [await openTable(new BlockSource('a.parquet', bytesOf([1]))), await csv('id,x\n')]
    expect(await parquet.diff(text).rowGroups()).toMatchObject({ added: [{ from: 0, rows: 1 }], removed: [], same: 0 })
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
