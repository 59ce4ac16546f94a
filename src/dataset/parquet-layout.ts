import { InvalidTableError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import type { ByteRange } from './table-source.ts'
import type { ParquetNode } from './parquet-schema.ts'
import type { FileMetaData, RowGroup } from 'hyparquet'

/** What a footer says of one column of a row group; the package does not export the name. */
export type ChunkMetadata = NonNullable<RowGroup['columns'][number]['meta_data']>

/** The magic number at the start of a file. */
const headBytes = 4

/**
 * Checks that a footer and the size of its file agree, before anything is read by it: where columns are, how large they are, and
 * how many rows there are.
 *
 * @param contentBytes - bytes of the file in front of its footer
 * @throws {@link InvalidTableError} when they do not
 */
export function checkLayout (metadata: FileMetaData, leaves: readonly ParquetNode[], contentBytes: number): void {
  let rows = 0
  for (const [index, group] of metadata.row_groups.entries()) {
    const where = `row group ${index}`
    rows += count(group.num_rows, `${where} has rows`)
    if (group.columns.length !== leaves.length) {
      throw invalid(`${where} has ${group.columns.length} columns, and the schema ${leaves.length}`)
    }
    for (const [at, leaf] of leaves.entries()) {
      checkChunk(group, group.columns[at], { leaf, contentBytes, where: `column ${quote(leaf.path.join('.'))} of ${where}` })
    }
  }
  if (count(metadata.num_rows, 'the file has rows') !== rows) {
    throw invalid(`it says that there are ${metadata.num_rows} rows, and its row groups have ${rows}`)
  }
}

/** Where a column of a row group is in the file. */
export function chunkRange (
  { dictionary_page_offset: dictionary, data_page_offset: data, total_compressed_size: size }: ChunkMetadata
): ByteRange {
  const start = dictionary === undefined || dictionary === 0n ? Number(data) : Number(dictionary)
  return { start, end: start + Number(size) }
}

function checkChunk (
  group: RowGroup, chunk: RowGroup['columns'][number] | undefined,
  { leaf, contentBytes, where }: { leaf: ParquetNode, contentBytes: number, where: string }
): void {
  if (chunk?.file_path !== undefined) throw invalid(`${where} is in another file`)
  if (chunk?.crypto_metadata !== undefined) throw invalid(`${where} is encrypted`)
  const metadata = chunk?.meta_data
  if (metadata === undefined) throw invalid(`nothing is said of ${where}`)
  const { path_in_schema: path } = metadata
  const isSame = path.length === leaf.path.length && path.every((name, at) => name === leaf.path[at])
  if (!isSame || metadata.type !== leaf.element.type) {
    throw invalid(`${where} is said to be ${quote(path.join('.'))} of type ${metadata.type}`)
  }
  const values = count(metadata.num_values, `${where} has values`)
  if (leaf.repetition === 0 ? values !== Number(group.num_rows) : values < Number(group.num_rows)) {
    throw invalid(`${where} has ${values} values for ${group.num_rows} rows`)
  }
  for (const bytes of [metadata.total_compressed_size, metadata.total_uncompressed_size, metadata.data_page_offset]) {
    count(bytes, `${where} has bytes`)
  }
  const { start, end } = chunkRange(metadata)
  if (start < headBytes || end > contentBytes || !(start <= end)) {
    throw invalid(`${where} is said to be at bytes ${start} to ${end} of ${contentBytes}`)
  }
}

function count (value: unknown, what: string): number {
  const number = typeof value === 'bigint' ? Number(value) : NaN
  if (!Number.isSafeInteger(number) || number < 0) throw invalid(`${what}, and their number is ${String(value)}`)
  return number
}

function invalid (problem: string): InvalidTableError {
  return new InvalidTableError(`The footer of a Parquet file is not valid: ${problem}`)
}
