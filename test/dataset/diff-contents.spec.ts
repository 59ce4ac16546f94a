import { describe, expect, it } from 'vitest'
import { diffContents } from '../../src/dataset/diff-contents.ts'
import { openTable } from '../../src/dataset/table.ts'
import { BlockSource, parquetBytes, textSource } from './parquet-files.ts'
import type { TablesOf } from '../../src/dataset/diff-contents.ts'
import type { TableSource } from '../../src/dataset/table-source.ts'
import type { FileChange } from '../../src/interface/dataset-diff.ts'

/** Tables of these files; no other file may be asked for. */
function tablesOf (...sources: TableSource[]): TablesOf {
  const byPath = new Map(sources.map(source => [source.path, source]))
  return { table: async (path: string) => await openTable(byPath.get(path) ?? expect.fail(`${path} is no table`)) }
}

const changed = (...paths: string[]): FileChange[] => paths.map(path => {
  const file = { path, cid: 'c', bytes: 1n }
  return { path, before: file, after: file }
})

describe('diffContents', () => {
  it('counts rows that came, went and changed, by their key where a table has it', async () => {
    const [before, after] = [
      tablesOf(textSource('data/a.csv', 'id,x\n1,a\n2,b\n3,c\n'), textSource('data/b.jsonl', '{"n":1}\n{"n":2}\n')),
      tablesOf(textSource('data/a.csv', 'id,x\n1,a\n2,c\n4,d\n5,e\n'), textSource('data/b.jsonl', '{"n":1}\n{"n":3}\n'))
    ]
    const paths = changed('data/a.csv', 'data/b.jsonl', 'data/picture.png')
    expect(await diffContents(before, after, paths, { key: ['id'] })).toEqual([
      { path: 'data/a.csv', rowChanges: { added: 2, removed: 1, changed: 1 } }, { path: 'data/b.jsonl', rowChanges: { added: 1, removed: 1, changed: 0 } }
    ])
    expect(await diffContents(before, after, paths.slice(0, 1), {})).toEqual([{ path: 'data/a.csv', rowChanges: { added: 3, removed: 2, changed: 0 } }])
  })

  it('names the row groups of Parquet that came and went, and reads no others', async () => {
    const bytesOf = (ids: readonly number[], other = -1): Uint8Array => parquetBytes([
      { name: 'id', data: Int32Array.from(ids), type: 'INT32', nullable: false },
      { name: 'x', data: Float64Array.from(ids, id => id === other ? -1 : id / 3), nullable: false }
    ], { rowGroupSize: 10_000, codec: 'UNCOMPRESSED' })
    const ids = Array.from({ length: 40_000 }, (_, id) => id)
    const [left, right] = [new BlockSource('data/a.parquet', bytesOf(ids)), new BlockSource('data/a.parquet', bytesOf([...ids, 40_000], 31_000))]
    const [change] = await diffContents(tablesOf(left), tablesOf(right), changed('data/a.parquet'), { key: ['id'] })
    expect(change).toMatchObject({
      rowGroups: { added: [{ from: 30_000, rows: 10_000 }, { from: 40_000, rows: 1 }], removed: [{ from: 30_000, rows: 10_000 }], same: 3 },
      rowChanges: { added: 1, removed: 0, changed: 1 }
    })
    const read = right.asked.reduce((sum, { start, end }) => sum + end - start, 0)
    expect(read).toBeLessThan(0.4 * right.size)
  })

  it('refuses a file that is not the table that its name says', async () => {
    const [before, after] = [tablesOf(textSource('data/a.jsonl', '{"n":1}\n')), tablesOf(textSource('data/a.jsonl', '{"n":1}\n{'))]
    await expect(diffContents(before, after, changed('data/a.jsonl'), {})).rejects.toMatchObject({ name: 'InvalidTableError', details: { line: 2 } })
  })
})
