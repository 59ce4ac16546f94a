import { DataNodeError, InvalidTableError, LimitExceededError } from '../errors.ts'
import { readThrift } from '../format/thrift.ts'
import { parquetFooterBytesMax, parquetFooterValuesMax, parquetTailBytes } from '../limits.ts'
import { checkLayout } from './parquet-layout.ts'
import { parquetLeaves, parquetTree } from './parquet-schema.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { ParquetNode } from './parquet-schema.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FileMetaData, RowGroup, SchemaElement } from 'hyparquet'

/** What the end of a Parquet file says of it, checked against its size. */
export interface ParquetFooter {
  metadata: FileMetaData
  columns: readonly ParquetNode[]
  /** The columns of each row group, in their order. */
  leaves: readonly ParquetNode[]
  /** Which of the file's row groups one is, from 0. */
  numbers: ReadonlyMap<RowGroup, number>
}

const magic = 'PAR1'
/** The length of the footer, and the magic number after it. */
const tailBytes = 8

/**
 * Reads the footer of a Parquet file: in one request where it is no longer than most.
 *
 * @throws {@link InvalidTableError} when it is none, or says what cannot be
 * @throws {@link LimitExceededError} when it has more bytes, values or columns than are read
 */
export async function readParquetFooter (
  { parquetMetadata }: Pick<Hyparquet, 'parquetMetadata'>, source: TableSource, options: AbortOptions = {}
): Promise<ParquetFooter> {
  const bytes = await readFooterBytes(source, options)
  return await decoding(source.path, async () => {
    readThrift(bytes.subarray(0, -tailBytes), 0, parquetFooterValuesMax)
    const read = parquetMetadata(bytes, { geoparquet: false })
    const metadata = { ...read, schema: read.schema.map(asBytes) }
    const root = parquetTree(metadata.schema)
    const leaves = parquetLeaves(root)
    checkLayout(metadata, leaves, source.size - bytes.byteLength)
    const numbers = new Map(metadata.row_groups.map((group, number) => [group, number]))
    return { metadata, columns: root.children, leaves, numbers }
  })
}

/** Runs what decodes foreign bytes, and may throw anything: what comes of it names the file, and the row group if it has one. */
export async function decoding<T> (path: string, decode: () => Promise<T>, rowGroup?: number): Promise<T> {
  try {
    return await decode()
  } catch (cause) {
    if (cause instanceof DataNodeError && !(cause instanceof InvalidTableError)) throw cause
    const place = rowGroup === undefined ? path : `Row group ${rowGroup} of ${path}`
    const details = { path, ...(rowGroup === undefined ? {} : { rowGroup }), cause }
    throw new InvalidTableError(`${place} cannot be read as Parquet: ${cause instanceof Error ? cause.message : String(cause)}`, details)
  }
}

/** A variant is read as the bytes that it consists of: what decodes it goes by counts that are in them. */
function asBytes (element: SchemaElement): SchemaElement {
  if (element.logical_type?.type !== 'VARIANT') return element
  const plain = { ...element }
  delete plain.logical_type
  return plain
}

/** The footer with its length and magic number. */
async function readFooterBytes (source: TableSource, options: AbortOptions): Promise<Uint8Array> {
  const { path, size } = source
  const tail = await source.bytes({ start: Math.max(0, size - parquetTailBytes), end: size }, options)
  if (new TextDecoder('latin1').decode(tail.subarray(-magic.length)) !== magic || size < magic.length + tailBytes) {
    throw new InvalidTableError(`${path} does not end as a Parquet file does`, { path })
  }
  const length = new DataView(tail.buffer, tail.byteOffset + tail.byteLength - tailBytes).getUint32(0, true) + tailBytes
  if (length > size - magic.length) {
    throw new InvalidTableError(`${path} has ${size} bytes, and says that its footer has ${length}`, { path })
  }
  if (length > parquetFooterBytesMax) {
    throw new LimitExceededError(`The footer of ${path} has ${length} bytes; at most ${parquetFooterBytesMax} are read`,
      { limit: 'parquetFooterBytesMax', max: parquetFooterBytesMax, actual: length, path })
  }
  if (length <= tail.byteLength) return tail.subarray(-length)
  const rest = await source.bytes({ start: size - length, end: size - tail.byteLength }, options)
  const footer = new Uint8Array(length)
  footer.set(rest)
  footer.set(tail, rest.byteLength)
  return footer
}
