import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parquetStream } from '../../src/dataset/parquet-stream.ts'
import { loadHyparquetWriter } from '../../src/dataset/parquet-package.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { encodeRowJson } from '../../src/format/row-json.ts'
import { arrowPython, askArrow } from './arrow-python.ts'
import type { AppendColumn } from '../../src/interface/append.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import type { Table, TableRow } from '../../src/interface/table.ts'

let directory: string
let written: { files: string[], rows: Record<string, JsonValue>[] }

beforeAll(async () => {
  await arrowPython()
  directory = await mkdtemp(join(tmpdir(), 'datanode-arrow-'))
  written = await askArrow('write.py', directory) as typeof written
}, 900_000)

afterAll(async () => { await rm(directory, { recursive: true, force: true }) })

const open = async (name: string): Promise<Table> => await openTable(memorySource(name, await readFile(join(directory, name))))
const asJson = (row: TableRow): unknown => JSON.parse(new TextDecoder().decode(encodeRowJson(row))) as unknown

describe('pyarrow', () => {
  it('writes what we read, in every compression and both versions of pages', async () => {
    expect(written.files).toHaveLength(10)
    for (const name of written.files) {
      const table = await open(name)
      expect(table.rowGroups.map(({ rows }) => rows), name).toEqual([50, 50, 20])
      expect((await Array.fromAsync(table.rows())).map(asJson), name).toEqual(written.rows)
    }
  })

  it('writes other encodings that we read', async () => {
    const rows = (await Array.fromAsync((await open('encodings.parquet')).rows())).map(asJson)
    expect(rows).toEqual(written.rows.map(({ int32, int64, double, text }) => ({ int32, int64, double, text })))
  })

  it('writes bounds of row groups by which we leave some out', async () => {
    const rows = (await open('zstd-2.0.parquet')).rows({ columns: ['needed'], where: { needed: { gte: 49, lt: 51 } } })
    expect(await Array.fromAsync(rows)).toEqual([{ needed: 49 }, { needed: 50 }])
  })

  it('reads what we write', async () => {
    const columns: AppendColumn[] = [
      { name: 'n', type: 'sc:Integer' }, { name: 'text', type: 'sc:Text', nullable: true }, { name: 'number', type: 'sc:Float' },
      { name: 'truth', type: 'sc:Boolean' }, { name: 'moment', type: 'sc:DateTime', nullable: true }, { name: 'json', type: 'sc:StructuredValue', nullable: true }
    ]
    const rows: JsonValue[][] = Array.from({ length: 300 }, (_, n) =>
      [String(n), n % 3 === 0 ? null : `é ${n % 7}`, n % 50 === 0 ? 'NaN' : n / 2, n % 2 === 0, n % 4 === 0 ? null : 1_700_000_000_123 + n, n % 5 === 0 ? null : { n }])
    const groups = async function * (): AsyncGenerator<JsonValue[][]> { yield rows.slice(0, 100); yield rows.slice(100) }
    const path = join(directory, 'ours.parquet')
    await writeFile(path, Buffer.concat(await Array.fromAsync(parquetStream(await loadHyparquetWriter(), columns, groups()))))
    const read = await askArrow('read.py', path) as { schema: unknown, rowGroups: unknown, bounds: unknown, rows: Record<string, unknown>[] }
    expect(read.rowGroups).toEqual([100, 200])
    expect(read.bounds).toEqual([[0, 99], [100, 299]])
    expect(read.rows.map(({ n, text, number, truth }) => [String(n as number), text, number, truth])).toEqual(rows.map(row => row.slice(0, 4)))
    expect(read.rows.map(({ json }) => json === null ? null : JSON.parse(json as string) as unknown)).toEqual(rows.map(row => row[5]))
    expect(read.rows[1]?.['moment']).toBe(1_700_000_000_124)
  })
})
