import { LimitExceededError } from '../errors.ts'
import { parquetAheadBytesMax, parquetGapBytesMax, parquetGroupBytesMax, parquetGroupValuesMax } from '../limits.ts'
import { chunkRange } from './parquet-layout.ts'
import type { ParquetFooter } from './parquet-footer.ts'
import type { ChunkMetadata } from './parquet-layout.ts'
import type { ParquetNode } from './parquet-schema.ts'
import type { ByteRange, TableSource } from './table-source.ts'
import type { RowGroup } from 'hyparquet'

/** Columns of a row group that are read together. */
export interface ParquetPart {
  group: RowGroup
  rows: number
  chunks: { leaf: ParquetNode, metadata: ChunkMetadata, range: ByteRange }[]
}

/** Bytes of a file, from the first one of them on. */
export interface LoadedRange {
  start: number
  bytes: Uint8Array
}

/** Row groups that stand together, and are asked for at once. */
interface Batch {
  parts: ParquetPart[]
  ranges: ByteRange[]
  bytes: number
}

/** A range that is being fetched. */
interface Loading extends ByteRange {
  loaded: Promise<LoadedRange>
}

/**
 * Says what is read of a row group.
 *
 * @throws {@link LimitExceededError} when that is larger than is read into memory
 */
export function planPart (path: string, { leaves }: ParquetFooter, group: RowGroup, columns: readonly string[]): ParquetPart {
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
  return { group, rows: Number(group.num_rows), chunks }
}

/**
 * Fetches parts in their order. All that belongs to the same and the next few row groups is asked for at once, as many as are in
 * half of `parquetAheadBytesMax`; those after them while these are read.
 */
export async function * loadParts (
  source: TableSource, parts: readonly ParquetPart[], signal: AbortSignal
): AsyncGenerator<{ part: ParquetPart, loaded: LoadedRange[] }> {
  const batches = batchesOf(parts)
  const ahead: { batch: Batch, loading: Loading[] }[] = []
  let next = batches.next()
  for (;;) {
    for (; next.done !== true && mayStart(ahead, next.value); next = batches.next()) {
      ahead.push({ batch: next.value, loading: next.value.ranges.map(range => load(source, range, signal)) })
    }
    const first = ahead[0]
    if (first === undefined) return
    for (const part of first.batch.parts) {
      const isIn = ({ start, end }: ByteRange): boolean =>
        part.chunks.some(({ range }) => range.start >= start && range.end <= end)
      const needed = first.loading.filter(isIn)
      yield { part, loaded: await Promise.all(needed.map(async ({ loaded }) => await loaded)) }
    }
    ahead.shift()
  }
}

function * batchesOf (parts: readonly ParquetPart[]): Generator<Batch> {
  let batch: ParquetPart[] = []
  let bytes = 0
  for (const part of parts) {
    const own = sizeOf(joinRanges([part]))
    if (batch.length > 0 && bytes + own > parquetAheadBytesMax / 2) {
      yield toBatch(batch)
      ;[batch, bytes] = [[], 0]
    }
    batch.push(part)
    bytes += own
  }
  if (batch.length > 0) yield toBatch(batch)
}

function toBatch (parts: ParquetPart[]): Batch {
  const ranges = joinRanges(parts)
  return { parts, ranges, bytes: sizeOf(ranges) }
}

/** One request brings columns that stand near one another, of one row group or of two. */
function joinRanges (parts: readonly ParquetPart[]): ByteRange[] {
  const joined: ByteRange[] = []
  const ranges = parts.flatMap(({ chunks }) => chunks.map(({ range }) => range))
  for (const { start, end } of ranges.sort((a, b) => a.start - b.start)) {
    const last = joined.at(-1)
    if (last === undefined || start > last.end + parquetGapBytesMax) joined.push({ start, end })
    else last.end = Math.max(last.end, end)
  }
  return joined
}

function mayStart (ahead: readonly { batch: Batch }[], { bytes }: Batch): boolean {
  return ahead.length === 0 || ahead.reduce((sum, { batch }) => sum + batch.bytes, bytes) <= parquetAheadBytesMax
}

function load (source: TableSource, { start, end }: ByteRange, signal: AbortSignal): Loading {
  const loaded = source.bytes({ start, end }, { signal }).then(bytes => ({ start, bytes }))
  // It may fail before it is its turn, or never be needed.
  loaded.catch(() => {})
  return { start, end, loaded }
}

function sizeOf (ranges: readonly ByteRange[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0)
}
