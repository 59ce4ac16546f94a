import { describe, expect, it } from 'vitest'
import { readParquetFooter } from '../../src/dataset/parquet-footer.ts'
import { loadHyparquet } from '../../src/dataset/parquet-package.ts'
import { readParquetGroups, rowsOf } from '../../src/dataset/parquet-rows.ts'
import { openTable } from '../../src/dataset/table.ts'
import { memorySource } from '../../src/dataset/table-source.ts'
import { numberedParquet, parquetBytes } from './parquet-files.ts'
import type { ParquetFile } from '../../src/dataset/parquet-rows.ts'
import type { TableSource } from '../../src/dataset/table-source.ts'
import type { TableRow } from '../../src/interface/table.ts'

const numbered = numberedParquet()

async function open (source: TableSource): Promise<ParquetFile> {
  const hyparquet = await loadHyparquet()
  return { hyparquet, source, footer: await readParquetFooter(hyparquet, source) }
}

async function read (file: ParquetFile, columns: string[], groups = file.footer.metadata.row_groups): Promise<TableRow[]> {
  const rows: TableRow[] = []
  for await (const group of readParquetGroups(file, groups, columns)) rows.push(...rowsOf(group))
  return rows
}

describe('readParquetGroups', () => {
  it('reads all rows of all row groups', async () => {
    const rows = await read(await open(memorySource('a.parquet', numbered)), ['id', 'name', 'score'])
    expect(rows).toHaveLength(10_000)
    expect([rows[0], rows[9_999], rows[1_001]]).toEqual([
      { id: 0, name: 'row 0', score: null }, { id: 9_999, name: 'row 9999', score: null }, { id: 1_001, name: 'row 1001', score: 500.5 }
    ])
  })

  it('stops what it has asked for when it is ended, and when its signal is aborted', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const base = memorySource('a.parquet', numbered)
    const file = await open(base)
    const source: TableSource = {
      ...base,
      bytes: async (range, options) => {
        signals.push(options?.signal)
        return await base.bytes(range)
      }
    }
    const groups = readParquetGroups({ ...file, source }, file.footer.metadata.row_groups, ['id'])
    await groups.next()
    await groups.return(undefined)
    expect(signals.every(signal => signal?.aborted)).toBe(true)
    const reason = new Error('enough')
    const aborted = readParquetGroups(file, file.footer.metadata.row_groups, ['id'], { signal: AbortSignal.abort(reason) })
    await expect(aborted.next()).rejects.toBe(reason)
  })

  it('refuses a row group that is larger than is read into memory', async () => {
    const file = await open(memorySource('a.parquet', numbered))
    for (const { meta_data: chunk } of file.footer.metadata.row_groups.flatMap(({ columns }) => columns)) {
      if (chunk !== undefined) chunk.total_uncompressed_size = 2n ** 32n
    }
    await expect(read(file, ['id'])).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'parquetGroupBytesMax' } })
  })

  it('refuses a page of levels that would be decoded into more than there is', async () => {
    const rows = 100_000
    const bytes = parquetBytes([{ name: 'a', data: Array.from({ length: rows }, (_, n) => n), type: 'INT32', encoding: 'PLAIN' }],
      { codec: 'UNCOMPRESSED', rowGroupSize: rows, pageSize: 10 * rows })
    // A run of as many levels as there are rows, and of ten times as many.
    const at = Buffer.from(bytes).indexOf(Buffer.of(0xc0, 0x9a, 0x0c, 1))
    bytes.set([0xfe, 0xff, 0x7f], at)
    await expect(read(await open(memorySource('a.parquet', bytes)), ['a'])).rejects.toMatchObject({
      name: 'InvalidTableError', details: { path: 'a.parquet', rowGroup: 0 },
      message: 'Row group 0 of a.parquet cannot be read as Parquet: A page of a Parquet file is not valid: a run has 1048575 of 100000 values'
    })
  })

  it('names the row group that is not as it should be, whichever are read', async () => {
    const file = await open(memorySource('a.parquet', numbered))
    const [, , , group] = file.footer.metadata.row_groups
    const at = Number(group?.columns[0]?.meta_data?.data_page_offset)
    const damaged = numbered.slice()
    damaged[at] = 0xff
    const table = await openTable(memorySource('a.parquet', damaged))
    expect(await Array.fromAsync(table.rows({ limit: 3_000 }))).toHaveLength(3_000)
    await expect(Array.fromAsync(table.rows({ where: { id: 3_500 } }))).rejects.toMatchObject({ name: 'InvalidTableError', details: { path: 'a.parquet', rowGroup: 3 } })
  })

  it('reads text that is no JSON as what it is not', async () => {
    const bytes = parquetBytes([{ name: 'a', data: ['{"b":1}', 'no'].map(text => new TextEncoder().encode(text)) }], { codec: 'UNCOMPRESSED' })
    const file = await open(memorySource('a.parquet', bytes))
    expect(await read(file, ['a'])).toEqual([{ a: new TextEncoder().encode('{"b":1}') }, { a: new TextEncoder().encode('no') }])
    for (const element of file.footer.metadata.schema) element.converted_type = 'JSON'
    await expect(read(file, ['a'])).rejects.toMatchObject({ name: 'InvalidTableError', details: { path: 'a.parquet' } })
  })
})

describe('a Parquet file with bytes that were changed', () => {
  const seed = 20_261_130
  const columns = (): Parameters<typeof parquetBytes>[0] => [
    { name: 'a', data: Array.from({ length: 500 }, (_, n) => n % 7 === 0 ? null : n % 20), type: 'INT32' },
    { name: 'b', data: Array.from({ length: 500 }, (_, n) => `text ${n % 9}`), type: 'STRING' },
    { name: 'c', data: BigInt64Array.from(Array.from({ length: 500 }, (_, n) => BigInt(n))), encoding: 'DELTA_BINARY_PACKED' }
  ]

  it.each(['SNAPPY', 'UNCOMPRESSED'] as const)('is read, or refused by a typed error in bounded time and memory (%s)', async codec => {
    const original = parquetBytes(columns(), { codec })
    let state = seed
    const next = (below: number): number => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % below
    const outcomes = new Map<string, number>()
    // Other specs ran in this process before.
    const bytesBefore = process.memoryUsage.rss()
    for (let round = 0; round < 400; round++) {
      const bytes = original.slice()
      for (let change = 0; change <= round % 4; change++) bytes[next(bytes.length - 8)] = next(256)
      const outcome = await openTable(memorySource('a.parquet', bytes)).then(async table => {
        return await Array.fromAsync(table.rows()).then(() => 'read')
      }).catch((error: unknown) => error instanceof Error ? error.name : 'thrown')
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    expect([...outcomes.keys()].sort(), `seed ${seed}`).toEqual(['InvalidTableError', 'read'])
    expect(process.memoryUsage.rss() - bytesBefore, `seed ${seed}`).toBeLessThan(500_000_000)
  })
})
