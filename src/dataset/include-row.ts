import { InvalidTileError } from '../errors.ts'
import { concat } from '../format/protobuf.ts'
import { decodeStarts, startsRange, tileRange } from '../format/row-tiles.ts'
import { tileHashes } from '../limits.ts'
import { hashEntry } from '../merkle/hashing.ts'
import { proveInclusion } from '../merkle/inclusion.ts'
import { StreamedInclusion } from '../merkle/streamed-inclusion.ts'
import { tileHashReader } from '../merkle/tiles.ts'
import { someEntries, tableEntries } from './table-entries.ts'
import type { ByteRange, TableSource } from './table-source.ts'
import type { TileRange } from '../format/row-tiles.ts'
import type { TableRows } from '../format/table-rows.ts'
import type { ReadTile } from '../interface/merkle.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** A row as it is an entry of its table's tree, and the inclusion proof of it. */
export interface IncludedRow {
  entry: Uint8Array
  hashes: Uint8Array[]
}

/** What is kept of a table's tree. */
export type ReadKept = (range: TileRange, options: AbortOptions) => Promise<Uint8Array>

/**
 * Makes the inclusion proof of a row from what is kept of its table's tree, and the 256 rows among which it is: of Parquet
 * the row groups in which these are. Where nothing is kept the table is read as a whole. It is as right as what is kept.
 *
 * @throws {@link InvalidTileError} when what is kept is not of its form
 * @throws {@link InvalidArgumentError} when the table has fewer rows than are said
 */
export async function includeRow (
  source: TableSource, { table, index, kept }: { table: TableRows, index: number, kept: ReadKept | undefined },
  options: AbortOptions = {}
): Promise<IncludedRow> {
  if (kept === undefined) {
    const inclusion = new StreamedInclusion(index, table.rows)
    for await (const { bytes } of tableEntries(source, table.table, options)) inclusion.append(bytes)
    return inclusion.end()
  }
  const range = await rangeOf(source, table, { index, kept }, options)
  const own = await readAmong(source, table, { index, range }, options)
  const readTile: ReadTile = async (tile, options = {}) => {
    const range = tileRange(table, tile)
    return range === undefined ? concat(own.hashes) : await kept(range, options)
  }
  return { entry: own.entry, hashes: await proveInclusion(index, table.rows, tileHashReader(table.rows, readTile), options) }
}

/** Where the 256 rows stand among which one is; of Parquet that does not matter. */
async function rangeOf (
  { size }: TableSource, table: TableRows, { index, kept }: { index: number, kept: ReadKept }, options: AbortOptions
): Promise<ByteRange> {
  if (table.table === 'parquet') return { start: 0, end: 0 }
  const [start = 0, end = size] = decodeStarts(await kept(startsRange(table, Math.floor(index / tileHashes)), options))
  if (start > end || end > size) throw new InvalidTileError(`Rows of ${table.path} are said to be at bytes ${start} to ${end} of ${size}`, { path: table.path })
  return { start, end }
}

/** A row, and the hashes of all among which it is. */
async function readAmong (
  source: TableSource, { table, rows }: TableRows, { index, range }: { index: number, range: ByteRange }, options: AbortOptions
): Promise<{ entry: Uint8Array, hashes: Uint8Array[] }> {
  const from = Math.floor(index / tileHashes) * tileHashes
  const hashes: Uint8Array[] = []
  let entry: Uint8Array | undefined
  for await (const { bytes } of someEntries(source, table, { from, to: Math.min(rows, from + tileHashes), ...range }, options)) {
    if (from + hashes.length === index) entry = bytes.slice()
    hashes.push(hashEntry(bytes))
  }
  if (entry === undefined) throw new InvalidTileError(`Row ${index} is not where it is said to be`, { index })
  return { entry, hashes }
}
