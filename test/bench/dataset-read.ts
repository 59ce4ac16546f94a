import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ByteWriter, ParquetWriter, schemaFromColumnData } from 'hyparquet-writer'
import { withPair } from './dataset-pair.ts'
import { kuboClient, kuboServer } from './kubo.ts'
import { startLinks } from './link.ts'
import { say } from './options.ts'
import { withScope } from './scope.ts'
import { rounded } from './statistics.ts'
import { timed } from './store-work.ts'
import type { DatasetPair } from './dataset-pair.ts'
import type { DatasetRow } from './dataset.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

const columns = 20
const rttMs = 50
const rowsPerGroup = 100_000
const path = 'data/table.parquet'
const kuboDeadlineMs = 1_800_000

/**
 * Reads one of twenty columns of a Parquet file from a node that is 50 ms away, with each way of cutting it into blocks; and then,
 * at another node, the whole file.
 */
export async function readTable (directory: string, bytes: number): Promise<DatasetRow[]> {
  const file = join(directory, 'table.parquet')
  const { fileBytes, rows } = await writeTable(file, bytes)
  const read = async (op: 'read-column' | 'read-whole', chunking: Chunking, how: Read): Promise<DatasetRow> => {
    const work = `${op === 'read-column' ? `1 of ${columns} columns, ` : ''}${rows} rows, ${chunking} chunking`
    say(`${op}: ${work}`)
    return await withPair(directory, rttMs, async pair => await measure(pair, file, { read: how, chunking }, { op, work, fileBytes }))
  }
  const readColumn: Read = async (reader, ticket) => {
    const bundle = await reader.datasets.open(ticket)
    let read = 0
    for await (const { column7 } of (await bundle.table(path)).rows({ columns: ['column7'] })) if (typeof column7 === 'number') read++
    if (read !== rows) throw new Error(`${read} values of ${rows} were read`)
    await bundle.close()
  }
  const readWhole: Read = async (reader, ticket) => {
    const bundle = await reader.datasets.fetch(ticket)
    await bundle.close()
  }
  const found: DatasetRow[] = []
  for (const chunking of ['fixed', 'content-defined'] as const) {
    found.push(await read('read-column', chunking, readColumn), await read('read-whole', chunking, readWhole))
  }
  await rm(file)
  const binary = process.env['KUBO'] ?? ''
  return binary === '' ? found : [...found, await kuboGet(binary, fileBytes)]
}

type Chunking = 'fixed' | 'content-defined'
type Read = (reader: DatasetPair['reader'], ticket: DatasetBundle['ticket']) => Promise<void>

async function measure (
  { publisher, reader, bytes, roundTrips }: DatasetPair, file: string, { read, chunking }: { read: Read, chunking: Chunking },
  row: Pick<DatasetRow, 'op' | 'work' | 'fileBytes'>
): Promise<DatasetRow> {
  const published = await publisher.datasets.publish({ name: 't', version: '1.0.0', chunking, files: [{ name: 'table.parquet', path: file }] })
  const [bytesBefore, turnsBefore] = [bytes(), roundTrips()]
  const ms = await timed(async () => { await read(reader, published.ticket) })
  await published.close()
  return rowOf('datanode', row, ms, { bytesFetched: bytes() - bytesBefore, roundTrips: roundTrips() - turnsBefore })
}

/** What `ipfs get` takes for a file of this size. */
async function kuboGet (binary: string, fileBytes: number): Promise<DatasetRow> {
  say(`read-whole of ${fileBytes} bytes, Kubo`)
  return await withScope(async scope => {
    const server = await kuboServer(scope, binary, 1, 'swarm')
    const ref = await server.publish(0, { seed: 'table', files: 1, bytesEach: fileBytes })
    const client = await kuboClient(scope, binary)
    const links = await startLinks(scope, server.addresses, { rttMs })
    const items = [{ ref, payloadBytes: fileBytes, from: links.addresses }]
    const { fetched: [fetched] } = await client.fetch({ items, isCold: true, deadlineMs: kuboDeadlineMs })
    if (fetched?.isComplete !== true) throw new Error(`Kubo did not get the file: ${fetched?.failure ?? 'unknown reason'}`)
    const stats = await links.stats()
    return rowOf('kubo', { op: 'read-whole', work: '1 file', fileBytes }, fetched.ms, {
      bytesFetched: stats.reduce((sum, { downBytes }) => sum + downBytes, 0),
      roundTrips: Math.ceil(stats.reduce((sum, { directionChanges }) => sum + directionChanges, 0) / 2)
    })
  })
}

function rowOf (
  impl: DatasetRow['impl'], { op, work, fileBytes }: Pick<DatasetRow, 'op' | 'work' | 'fileBytes'>, ms: number,
  counts: { bytesFetched: number, roundTrips: number }
): DatasetRow {
  const mbPerSecond = op === 'read-whole' ? rounded(fileBytes / ms / 1000) : undefined
  return { impl, op, work, ms: rounded(ms), mbPerSecond, fileBytes, peakOverBaseMiB: undefined, ...counts }
}

/** A table of numbers that no compression makes smaller: twenty columns of eight bytes, in row groups of 16 MB. */
async function writeTable (file: string, bytes: number): Promise<{ fileBytes: number, rows: number }> {
  const rows = Math.ceil(bytes / columns / Float64Array.BYTES_PER_ELEMENT)
  const names = Array.from({ length: columns }, (_, at) => `column${at}`)
  const described = names.map(name => ({ name, type: 'DOUBLE' as const, nullable: false, data: [] }))
  const buffer = new ByteWriter()
  const writer = new ParquetWriter({ writer: buffer, schema: schemaFromColumnData({ columnData: described }) })
  const handle = await open(file, 'w')
  const flush = async (): Promise<void> => {
    await handle.write(buffer.getBytes())
    buffer.index = 0
  }
  let state = 1
  const next = (): number => state = (Math.imul(state, 1664525) + 1013904223) >>> 0
  for (let at = 0; at < rows; at += rowsPerGroup) {
    const rowGroupSize = Math.min(rowsPerGroup, rows - at)
    const columnData = names.map(name => ({ name, data: Float64Array.from({ length: rowGroupSize }, () => next() + next() / 2 ** 32) }))
    await writer.write({ columnData, rowGroupSize })
    await flush()
  }
  await writer.finish()
  await flush()
  const { size: fileBytes } = await handle.stat()
  await handle.close()
  return { fileBytes, rows }
}
