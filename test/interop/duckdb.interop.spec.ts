import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { encodeRowJson } from '../../src/format/row-json.ts'
import { BlockSource } from '../dataset/parquet-files.ts'
import { generatedColumns, generatedLines, generatedParquet, TableGenerator } from './generated-tables.ts'
import { askPython, pythonEnvironment } from './python-environment.ts'
import type { RowChange, RowFilter, RowsOptions, Table, TableRow } from '../../src/interface/table.ts'
import type { GeneratedRow } from './generated-tables.ts'

const seed = Number(process.env['TABLES_SEED'] ?? Date.now() % 2 ** 31)
const generator = new TableGenerator(seed)

interface Difference { before: Uint8Array, after: Uint8Array, rows: readonly [GeneratedRow[], GeneratedRow[]], key: string[] | null }
interface Read { bytes: Uint8Array, options: { columns: string[], where: RowFilter, limit: number, offset: number } }
interface Answers { differences: Record<RowChange['type'], TableRow[]>[], reads: TableRow[][] }

/** Small tables of all kinds, and some with row groups that both have. */
const differences = Array.from({ length: 63 }, (_, at): Difference => {
  const key = generator.pick([null, ['id'], ['id', 'text']])
  const [count, groupRows, share] = at < 60 ? [generator.below(50), 1 + generator.below(20), generator.below(5) / 10] : [40_000, 8_000, 0.000_05]
  const before = generator.rows(count)
  const after = generator.changed(before, { share, isNamed: key !== null })
  return { key, rows: [before, after], before: generatedParquet(before, groupRows), after: generatedParquet(after, groupRows) }
})

const reads = Array.from({ length: 200 }, (): Read => {
  const columns = generatedColumns.filter(() => generator.below(2) === 0)
  const bytes = generatedParquet(generator.rows(generator.below(80)), 1 + generator.below(20))
  const page = { limit: generator.pick([3, 1000]), offset: generator.pick([0, 0, 5]) }
  return { bytes, options: { columns: columns.length === 0 ? ['id'] : columns.toReversed(), where: generator.where(), ...page } }
})

/** As text. JSON does not tell a float from a whole number: one beyond 2^53 is read as the latter. */
function text (row: TableRow): string {
  const { number } = row
  return new TextDecoder().decode(encodeRowJson(typeof number === 'bigint' ? { ...row, number: Number(number) } : row))
}

const sorted = (rows: readonly TableRow[]): string[] => rows.map(text).sort()

/** With whole numbers as what a comparison in SQL takes. */
function asJson (value: unknown): string {
  const json = JSON.stringify(value, (_, item: unknown) => typeof item === 'bigint' ? `int:${item}` : item)
  return json.replaceAll(/"int:(-?\d+)"/g, '$1')
}

async function changesOf (before: Table, after: Table, key: string[] | null): Promise<Record<RowChange['type'], string[]>> {
  const found: Record<RowChange['type'], TableRow[]> = { added: [], removed: [], changed: [] }
  for await (const change of after.diff(before, key === null ? {} : { key }).rows()) {
    found[change.type].push(change.type === 'changed' ? change.after : change.row)
  }
  return { added: sorted(found.added), removed: sorted(found.removed), changed: sorted(found.changed) }
}

describe(`DuckDB, with tables of seed ${seed}`, () => {
  let directory: string
  let answers: Answers

  beforeAll(async () => {
    const python = await pythonEnvironment('duckdb', 'duckdb-2.0.1')
    directory = await mkdtemp(join(tmpdir(), 'datanode-duckdb-'))
    const place = async (name: string, bytes: Uint8Array): Promise<string> => {
      await writeFile(join(directory, name), bytes)
      return join(directory, name)
    }
    const cases = {
      differences: await Promise.all(differences.map(async ({ before, after, key }, at) =>
        ({ before: await place(`${at}-before.parquet`, before), after: await place(`${at}-after.parquet`, after), columns: generatedColumns, key }))),
      reads: await Promise.all(reads.map(async ({ bytes, options }, at) => ({ path: await place(`${at}-read.parquet`, bytes), ...options })))
    }
    await writeFile(join(directory, 'cases.json'), asJson(cases))
    answers = await askPython(python, 'duckdb/compare.py', join(directory, 'cases.json')) as Answers
  }, 900_000)

  afterAll(async () => { await rm(directory, { recursive: true, force: true }) })

  it('finds the rows added, removed and changed that we find', async () => {
    let found = 0
    for (const [at, { before, after, key }] of differences.entries()) {
      const [left, right] = [await openTable(new BlockSource('a.parquet', before)), await openTable(new BlockSource('b.parquet', after))]
      const { added = [], removed = [], changed = [] } = answers.differences[at] ?? {}
      const expected = { added: sorted(added), removed: sorted(removed), changed: sorted(changed) }
      expect(await changesOf(left, right, key), `case ${at}`).toEqual(expected)
      found += added.length + removed.length + changed.length
    }
    expect(found).toBeGreaterThan(500)
  })

  it('finds the same when tables are JSON Lines', async () => {
    for (const [at, { rows: [before, after], key }] of differences.slice(0, 60).entries()) {
      const [left, right] = await Promise.all([before, after].map(async rows => await openTable(memorySource('a.jsonl', generatedLines(rows)))))
      const { added = [], removed = [], changed = [] } = answers.differences[at] ?? {}
      if (left === undefined || right === undefined) throw new Error('there are two')
      expect(await changesOf(left, right, key), `case ${at}`).toEqual({ added: sorted(added), removed: sorted(removed), changed: sorted(changed) })
    }
  })

  it('reads the rows that we read: columns, conditions, limit and offset', async () => {
    let found = 0
    for (const [at, { bytes, options }] of reads.entries()) {
      const table = await openTable(memorySource('a.parquet', bytes))
      const rows = await Array.fromAsync(table.rows(options satisfies RowsOptions))
      expect(rows.map(text), `case ${at}: ${asJson(options)}`).toEqual((answers.reads[at] ?? []).map(text))
      found += rows.length
    }
    expect(found).toBeGreaterThan(500)
  })
})
