import { InvalidTableError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { parquetNestingMax } from '../limits.ts'
import { decoding } from './parquet-footer.ts'
import { ParquetPages } from './parquet-pages.ts'
import { loadParts, planPart } from './parquet-parts.ts'
import type { ParquetFooter } from './parquet-footer.ts'
import type { ChunkMetadata } from './parquet-layout.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { LoadedRange, ParquetPart } from './parquet-parts.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableRow, TableValue } from '../interface/table.ts'
import type { FileMetaData, RowGroup } from 'hyparquet'

/** A Parquet file whose footer was read. */
export interface ParquetFile {
  hyparquet: Hyparquet
  source: TableSource
  footer: ParquetFooter
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
  const parts = groups.map(group => planPart(source.path, footer, group, columns))
  try {
    for await (const { part, loaded } of loadParts(source, parts, signal)) {
      options.signal?.throwIfAborted()
      const decode = async (): Promise<DecodedGroup> => await decodeGroup(hyparquet, footer.metadata, part, { loaded, columns })
      yield await decoding(source.path, decode, footer.numbers.get(part.group))
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

async function decodeGroup (
  hyparquet: Hyparquet, metadata: FileMetaData, { group, rows, chunks }: ParquetPart,
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
  hyparquet: Hyparquet, metadata: FileMetaData, group: RowGroup, chunks: ParquetPart['chunks'], slice: Slice
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
