import { InvalidTableError, LimitExceededError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { parquetAheadBytesMax, parquetGapBytesMax, parquetGroupBytesMax, parquetGroupValuesMax, parquetNestingMax } from '../limits.ts'
import { decoding } from './parquet-footer.ts'
import { chunkRange } from './parquet-layout.ts'
import { ParquetPages } from './parquet-pages.ts'
import type { ParquetFooter } from './parquet-footer.ts'
import type { ChunkMetadata } from './parquet-layout.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { ParquetNode } from './parquet-schema.ts'
import type { ByteRange, TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableRow, TableValue } from '../interface/table.ts'
import type { FileMetaData, RowGroup } from 'hyparquet'

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  hyparquet: Hyparquet
  source: TableSource
  footer: ParquetFooter
}

/** Columns of a row group that are read together. */
interface Part {
  group: RowGroup
  rows: number
  chunks: { leaf: ParquetNode, metadata: ChunkMetadata, range: ByteRange }[]
  ranges: ByteRange[]
}

interface LoadedRange {
  start: number
  bytes: Uint8Array
}

/** A row group that is fetched, or is being fetched. */
interface Loading extends Part {
  bytes: number
  loaded: Promise<LoadedRange[]>
}

/** Decoded columns of one row group. */
interface DecodedGroup {
  rows: number
  columns: { name: string, values: ArrayLike<unknown>, isNested: boolean }[]
}

/**
 * Reads these columns of these row groups, one after the other; those that come next are fetched meanwhile.
 *
 * @throws {@link InvalidTableError} when the bytes are not what the footer says
 * @throws {@link LimitExceededError} when a row group is larger than is read into memory
 */
export async function * readParquetGroups (
  { hyparquet, source, footer }: ParquetFile, groups: readonly RowGroup[], columns: readonly string[], options: AbortOptions = {}
): AsyncGenerator<DecodedGroup> {
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const waiting = groups.map(group => planGroup(source.path, footer, group, columns))
  const ahead: Loading[] = []
  try {
    while (waiting.length > 0 || ahead.length > 0) {
      for (let next = waiting[0]; next !== undefined && mayStart(ahead, next); next = waiting[0]) {
        waiting.shift()
        ahead.push(load(source, next, signal))
      }
      const part = ahead.shift()
      if (part === undefined) return
      const loaded = await part.loaded
      options.signal?.throwIfAborted()
      yield await decoding(source.path, async () => await decodeGroup(hyparquet, footer.metadata, part, { loaded, columns }))
    }
  } finally {
    ended.abort()
  }
}

/** The rows of decoded columns, each made when it is asked for. */
export function * rowsOf ({ rows, columns }: DecodedGroup): Generator<TableRow> {
  for (let at = 0; at < rows; at++) {
    const row: TableRow = {}
    for (const { name, values, isNested } of columns) row[name] = (isNested ? withNulls(values[at]) : values[at]) as TableValue
    yield row
  }
}

/** What decodes lists and structures gives undefined for those that are not there. */
function withNulls (value: unknown, depth = 0): unknown {
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null || depth > 2 * parquetNestingMax) return value
  if (Array.isArray(value)) return value.map(item => withNulls(item, depth + 1))
  const isPlain = Object.getPrototypeOf(value) === Object.prototype
  return isPlain ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, withNulls(item, depth + 1)])) : value
}

function planGroup (path: string, { leaves }: ParquetFooter, group: RowGroup, columns: readonly string[]): Part {
  const wanted = new Set(columns)
  const chunks = leaves.flatMap((leaf, at) => {
    const metadata = group.columns[at]?.meta_data
    if (metadata === undefined || !wanted.has(leaf.path[0] ?? '')) return []
    return [{ leaf, metadata, range: chunkRange(metadata) }]
  })
  for (const [limit, max, actual] of [
    ['parquetGroupValuesMax', parquetGroupValuesMax, chunks.reduce((sum, { metadata }) => sum + Number(metadata.num_values), 0)],
    ['parquetGroupBytesMax', parquetGroupBytesMax, chunks.reduce((sum, { metadata }) => sum + Number(metadata.total_uncompressed_size), 0)]
  ] as const) {
    if (actual <= max) continue
    throw new LimitExceededError(`A row group of ${path} has ${actual} in the columns that are read, more than ${max}: read fewer columns`,
      { limit, max, actual, path })
  }
  return { group, rows: Number(group.num_rows), chunks, ranges: joinRanges(chunks.map(({ range }) => range)) }
}

/** One request brings columns that stand near one another. */
function joinRanges (ranges: readonly ByteRange[]): ByteRange[] {
  const joined: ByteRange[] = []
  for (const { start, end } of ranges.toSorted((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last === undefined || start > last.end + parquetGapBytesMax) joined.push({ start, end })
    else last.end = Math.max(last.end, end)
  }
  return joined
}

function mayStart (ahead: readonly Loading[], { ranges }: Part): boolean {
  return ahead.length === 0 || sizeOf(ranges) + ahead.reduce((sum, { bytes }) => sum + bytes, 0) <= parquetAheadBytesMax
}

function load (source: TableSource, part: Part, signal: AbortSignal): Loading {
  const loadRange = async (range: ByteRange): Promise<LoadedRange> =>
    ({ start: range.start, bytes: await source.bytes(range, { signal }) })
  const loaded = Promise.all(part.ranges.map(loadRange))
  // It may fail before it is its turn, or never be needed.
  loaded.catch(() => {})
  return { ...part, bytes: sizeOf(part.ranges), loaded }
}

function sizeOf (ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}

async function decodeGroup (
  hyparquet: Hyparquet, metadata: FileMetaData, { group, rows, chunks }: Part,
  { loaded, columns }: { loaded: readonly LoadedRange[], columns: readonly string[] }
): Promise<DecodedGroup> {
  const slice = (start: number, end: number): ArrayBuffer => {
    const range = loaded.find(({ start: first, bytes }) => first <= start && end <= first + bytes.byteLength)
    if (range === undefined) throw new InvalidTableError(`Bytes ${start} to ${end} belong to no column that is read`)
    return Uint8Array.from(range.bytes.subarray(start - range.start, end - range.start)).buffer
  }
  const decoded: DecodedGroup = { rows, columns: [] }
  for (const name of columns) {
    const own = chunks.filter(({ leaf }) => leaf.path[0] === name)
    const values = await decodeColumn(hyparquet, withPages(hyparquet, metadata, group, own, slice), { name, rows, slice })
    if (values.length !== rows) throw new InvalidTableError(`Column ${quote(name)} has ${values.length} values for ${rows} rows`)
    const isNested = own.some(({ leaf }) => leaf.path.length > 1 || leaf.repetition > 0)
    if (!isNested && Array.isArray(values) && values.includes(undefined)) {
      throw new InvalidTableError(`Column ${quote(name)} has values that are in no dictionary`)
    }
    decoded.columns.push({ name, values, isNested })
  }
  return decoded
}

type Slice = (start: number, end: number) => ArrayBuffer
type Compressors = NonNullable<Parameters<Hyparquet['parquetRead']>[0]['compressors']>

/** A footer of one row group, in which each column is decompressed by what checks its pages. */
function withPages (
  hyparquet: Hyparquet, metadata: FileMetaData, group: RowGroup, chunks: Part['chunks'], slice: Slice
): { metadata: FileMetaData, compressors: Compressors } {
  const compressors: Record<string, (input: Uint8Array, outputLength: number) => Uint8Array> = {}
  const columns = group.columns.map(column => {
    const at = chunks.findIndex(chunk => chunk.metadata === column.meta_data)
    const chunk = chunks[at]
    if (chunk === undefined) return column
    const bytes = new Uint8Array(slice(chunk.range.start, chunk.range.end))
    const pages = new ParquetPages(hyparquet, bytes, chunk.leaf, chunk.metadata)
    compressors[`checked ${at}`] = (input, outputLength) => pages.decompress(input, outputLength)
    return { ...column, meta_data: { ...chunk.metadata, codec: `checked ${at}` as ChunkMetadata['codec'] } }
  })
  return { metadata: { ...metadata, num_rows: group.num_rows, row_groups: [{ ...group, columns }] }, compressors }
}

/** Shapes are bytes to us: what decodes them goes by counts that are in them. */
const parsers = { geometryFromBytes: (bytes: Uint8Array) => bytes, geographyFromBytes: (bytes: Uint8Array) => bytes }

async function decodeColumn (
  { parquetScan }: Hyparquet, { metadata, compressors }: ReturnType<typeof withPages>,
  { name, rows, slice }: { name: string, rows: number, slice: Slice }
): Promise<ArrayLike<unknown>> {
  const scan = await parquetScan({
    file: { byteLength: Number.MAX_SAFE_INTEGER, slice: (start, end = Number.MAX_SAFE_INTEGER) => slice(start, end) },
    metadata, compressors, parsers, columns: [name], utf8: false, geoparquet: false, useOffsetIndex: false
  })
  return await scan.readColumn({ column: name, rowStart: 0, rowEnd: rows })
}
