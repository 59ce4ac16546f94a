import { expect, test } from 'vitest'
import { lineagePath } from '../../src/dataset/appended-parts.ts'
import { tableReader } from '../../src/dataset/table-reader.ts'
import { lineOf, partFiles, versionOf } from './appended.ts'
import type { DatasetFile } from '../../src/interface/table.ts'

const path = 'data/part-00001.parquet'

test('opens a table of a file, and says where its rows came from', async () => {
  const files = await partFiles(path, [[[1, ['a', 'b']], [2, ['c']]]])
  const content = files.get(path) ?? new Uint8Array()
  const file = {
    path, size: content.length,
    bytes: async ({ offset = 0, length = Infinity } = {}) => await Promise.resolve(content.slice(offset, offset + length))
  } as unknown as DatasetFile
  const table = await tableReader.open(file)
  expect(await Array.fromAsync(table.rows({ columns: ['text'] }))).toEqual(['a', 'b', 'c'].map(text => ({ text })))
  expect([...files.keys()]).toContain(lineagePath(path))
  expect(await Array.fromAsync(tableReader.lineage(versionOf(files), path))).toEqual([
    lineOf(1, { path, rowGroup: 0, from: 0, to: 2 }), lineOf(2, { path, rowGroup: 0, from: 2, to: 3 })
  ])
})
