import { encodeRowJson } from '../format/row-json.ts'
import { loadHyparquet } from './parquet-package.ts'
import { readParquetFooter } from './parquet-footer.ts'
import { readParquetGroups, rowsOf } from './parquet-rows.ts'
import { textRecords } from './text-records.ts'
import { readTextRows } from './text-rows.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableFormat } from '../interface/table.ts'

/** How to read the rows of a table as they are proven. */
export interface EntriesOptions extends AbortOptions {
  /** Called with the first record of a CSV, as it stands in the file, before the first row. */
  onHeader?: (header: string) => void
}

/** A row as it is an entry of the table's tree. */
export interface TableEntry {
  bytes: Uint8Array
  /** Where it stands in the file; 0 of Parquet, in which rows have no place of their own. */
  start: number
}

/** Rows that stand together, by their numbers; of text also by the places of the first byte of them, and after them. */
export interface EntryRange {
  from: number
  to: number
  start: number
  end: number
}

/**
 * Gives every row of a table as it is an entry of the table's tree: of JSON Lines and CSV its own bytes, of Parquet its JSON. One
 * row, or row group, is in memory at a time.
 *
 * @throws {@link InvalidTableError} when the file is not what its name says
 * @throws {@link PackageMissingError} when it is Parquet, and what decodes that is not installed
 */
export async function * tableEntries (
  source: TableSource, format: TableFormat, options: EntriesOptions = {}
): AsyncGenerator<TableEntry> {
  const { onHeader = () => {}, signal } = options
  if (format === 'parquet') {
    yield * parquetEntries(source, { from: 0, to: Infinity }, { signal })
    return
  }
  const onNames = (_names: readonly string[], header: string): void => { onHeader(header) }
  for await (const { bytes, start } of readTextRows(source, format, { signal, onHeader: onNames })) yield { bytes, start }
}

/** Gives some of them, and reads no others: of Parquet the row groups in which they are. What they are is not checked. */
export async function * someEntries (
  source: TableSource, format: TableFormat, { from, to, start, end }: EntryRange, options: AbortOptions = {}
): AsyncGenerator<TableEntry> {
  if (format === 'parquet') {
    yield * parquetEntries(source, { from, to }, options)
    return
  }
  const pieces = source.stream({ ...options, offset: start, length: end - start })
  let left = to - from
  for await (const record of textRecords(source.path, pieces, format, start)) {
    if (left-- > 0) yield record
  }
}

async function * parquetEntries (
  source: TableSource, { from, to }: Pick<EntryRange, 'from' | 'to'>, options: AbortOptions
): AsyncGenerator<TableEntry> {
  const hyparquet = await loadHyparquet()
  const footer = await readParquetFooter(hyparquet, source, options)
  const columns = footer.columns.map(({ element: { name } }) => name)
  let [next, at] = [0, 0]
  const groups = footer.metadata.row_groups.filter(({ num_rows: rows }) => {
    const first = next
    next += Number(rows)
    if (next <= from) at = next
    return first < to && next > from
  })
  for await (const group of readParquetGroups({ hyparquet, source, footer }, groups, columns, options)) {
    for (const row of rowsOf(group)) {
      if (at >= to) return
      if (at++ >= from) yield { bytes: encodeRowJson(row), start: 0 }
    }
  }
}
