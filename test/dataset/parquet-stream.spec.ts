import { expect, it } from 'vitest'
import { loadHyparquetWriter } from '../../src/dataset/parquet-package.ts'
import { parquetStream } from '../../src/dataset/parquet-stream.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import type { AppendColumn } from '../../src/interface/append.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'

const columns: AppendColumn[] = [
  { name: 'b', type: 'sc:Boolean' }, { name: 'i', type: 'sc:Integer', nullable: true }, { name: 'f', type: 'sc:Float' },
  { name: 't', type: 'sc:Text' }, { name: 'd', type: 'sc:DateTime' }, { name: 's', type: 'sc:StructuredValue', nullable: true }
]

async function write (...groups: JsonValue[][][]): Promise<Uint8Array> {
  const writer = await loadHyparquetWriter()
  const pieces = await Array.fromAsync(parquetStream(writer, columns, (async function * () { yield * groups })()))
  return new Uint8Array(Buffer.concat(pieces))
}

const rows: JsonValue[][] = [[true, '9007199254740993', 1.5, 'é', 1_700_000_000_123, { x: [1] }], [false, null, 'NaN', '', 0, null]]

it('writes row groups that are read again as they were', async () => {
  const table = await openTable(memorySource('a.parquet', await write(rows, [rows[1] ?? []], rows)))
  expect(table.rowGroups.map(({ rows }) => rows)).toEqual([2, 1, 2])
  expect(table.fields.map(({ type, nullable }) => [type, nullable])).toEqual([
    ['sc:Boolean', false], ['sc:Integer', true], ['sc:Float', false], ['sc:Text', false], ['sc:DateTime', false], ['sc:StructuredValue', true]
  ])
  expect(await Array.fromAsync(table.rows({ limit: 2 }))).toEqual([
    { b: true, i: 9007199254740993n, f: 1.5, t: 'é', d: new Date(1_700_000_000_123), s: { x: [1] } },
    { b: false, i: null, f: NaN, t: '', d: new Date(0), s: null }
  ])
})

it('writes equal rows in equal bytes', async () => {
  expect(await write(rows, rows)).toEqual(await write(rows, rows))
})
