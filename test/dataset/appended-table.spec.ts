import { describe, expect, it } from 'vitest'
import { AppendedTable } from '../../src/dataset/appended-table.ts'
import { lineagePath } from '../../src/dataset/appended-parts.ts'
import { encodeRowLineage } from '../../src/format/row-lineage.ts'
import { columns, lineOf, numberOf, partFiles, versionOf } from './appended.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const path = 'data/part-00001.parquet'
const files = await partFiles(path, [[[1, ['a', 'b']], [2, ['c']]], [[1, ['d']]]])

describe('AppendedTable', () => {
  it('has the columns and rows that were appended, and where they came from', async () => {
    const table = await AppendedTable.open(versionOf(files), path)
    expect(table.columns).toEqual(columns.map(column => ({ nullable: false, ...column })))
    expect(table.lineage.map(group => group.map(({ miner, from, to }) => [numberOf(miner), from, to]))).toEqual([[[1, 0, 2], [2, 2, 3]], [[1, 0, 1]]])
    expect(await table.rows(0)).toEqual([['a', '1'], ['b', '1'], ['c', '2']])
    expect(await table.rows(1)).toEqual([['d', '1']])
    expect(await table.rows(2)).toEqual([])
  })

  it('writes equal rows in equal bytes', async () => {
    const table = await AppendedTable.open(versionOf(files), path)
    const rows = async function * (): AsyncGenerator<JsonValue[][]> { for (const at of [0, 1]) yield await table.rows(at) }
    expect(Buffer.concat(await Array.fromAsync(await table.write(rows()))).equals(files.get(path) ?? Buffer.of())).toBe(true)
  })

  it.each([['fewer rows', [2, 1]], ['more rows', [4, 1]], ['fewer row groups', [3]], ['more row groups', [3, 1, 1]]])('refuses to take %s for those of the table', async (_, ends) => {
    const lines = ends.map((to, rowGroup) => lineOf(1, { path, rowGroup, from: 0, to }))
    const other = new Map(files).set(lineagePath(path), Buffer.from(lines.map(encodeRowLineage).join('')))
    await expect(AppendedTable.open(versionOf(other), path)).rejects.toMatchObject({ name: 'InvalidProvenanceError', details: { path } })
  })

  it.each([['a list', { repeated: true }], ['a day', { type: 'sc:Date' as const }]])('refuses %s, which no appender writes', async (_, change) => {
    const version = versionOf(files)
    const table = await version.table(path)
    const fields = table.fields.map(field => ({ ...field, ...change }))
    const changed = { ...version, table: async () => await Promise.resolve({ ...table, fields }) } as unknown as DatasetBundle
    await expect(AppendedTable.open(changed, path)).rejects.toMatchObject({ name: 'InvalidTableError', details: { path } })
  })
})
