import { expect, it } from 'vitest'
import { parquetOf } from '../../src/dataset/known-parquet.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { openTable } from '../../src/dataset/table.ts'
import { numberedParquet, textSource } from './parquet-files.ts'

it('reads some row groups of a table of Parquet, and knows no other table', async () => {
  const table = await openTable(memorySource('a.parquet', numberedParquet()))
  const rows = await Array.fromAsync(parquetOf(table)?.rows([9, 2], { columns: ['id'] }) ?? [])
  expect([rows.length, rows[0], rows[1_999]]).toEqual([2_000, { id: 9_000 }, { id: 2_999 }])
  expect([parquetOf({ ...table }), parquetOf(await openTable(textSource('a.csv', 'a\n')))]).toEqual([undefined, undefined])
})
