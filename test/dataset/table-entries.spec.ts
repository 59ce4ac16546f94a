import { expect, it } from 'vitest'
import { tableEntries } from '../../src/dataset/table-entries.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { fromBase64 } from '../../src/format/base64.ts'
import { readVectors } from '../format/vectors.ts'
import { numberedParquet, textSource } from './parquet-files.ts'

/** Files that pyarrow wrote. */
const vectors = readVectors('row-json') as { tables: { name: string, parquet: string, rows: string[] }[] }

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes)

it('gives rows of text as they stand in their file, and the header of a CSV apart', async () => {
  const headers: string[] = []
  const entries = await Array.fromAsync(tableEntries(textSource('a.csv', '"a" ,b\r\n1, 2\r\n"3",4'.replace(' ,', ',')), 'csv', { onHeader: header => headers.push(header) }))
  expect([headers, entries.map(({ bytes }) => text(bytes))]).toEqual([['"a",b'], ['1, 2', '"3",4']])
  expect((await Array.fromAsync(tableEntries(textSource('a.jsonl', '{ "a":1 }\n{}'), 'jsonl'))).map(({ bytes }) => text(bytes))).toEqual(['{ "a":1 }', '{}'])
})

it('gives rows of Parquet as JSON', async () => {
  const entries = await Array.fromAsync(tableEntries(memorySource('a.parquet', numberedParquet()), 'parquet'))
  expect(entries).toHaveLength(10_000)
  expect(text(entries[2]?.bytes)).toBe('{"id":2,"name":"row 2","score":1}')
})

it.each(vectors.tables)('gives the rows of $name as every implementation has to', async ({ parquet, rows }) => {
  const source = memorySource('a.parquet', fromBase64(parquet) ?? new Uint8Array(0))
  expect((await Array.fromAsync(tableEntries(source, 'parquet'))).map(({ bytes }) => text(bytes))).toEqual(rows)
})

it('refuses a bad line, by its number', async () => {
  await expect(Array.fromAsync(tableEntries(textSource('a.jsonl', '{}\nx'), 'jsonl'))).rejects.toMatchObject({ details: { line: 2 } })
})
