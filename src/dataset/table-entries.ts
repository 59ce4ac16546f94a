import { encodeRowJson } from '../format/row-json.ts'
import { loadHyparquet } from './parquet-package.ts'
import { readParquetFooter } from './parquet-footer.ts'
import { readParquetGroups, rowsOf } from './parquet-rows.ts'
import { readTextRows } from './text-rows.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableFormat } from '../interface/table.ts'

/** How to read the rows of a table as they are proven. */
export interface EntriesOptions extends AbortOptions {
  /** Called with the first record of a CSV, as it stands in the file, before the first row. */
  onHeader?: (header: string) => void
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
): AsyncGenerator<Uint8Array> {
  const { onHeader = () => {}, signal } = options
  if (format !== 'parquet') {
    const onNames = (_names: readonly string[], header: string): void => { onHeader(header) }
    for await (const { bytes } of readTextRows(source, format, { signal, onHeader: onNames })) yield bytes
    return
  }
  const hyparquet = await loadHyparquet()
  const footer = await readParquetFooter(hyparquet, source, { signal })
  const columns = footer.columns.map(({ element: { name } }) => name)
  for await (const group of readParquetGroups({ hyparquet, source, footer }, footer.metadata.row_groups, columns, { signal })) {
    for (const row of rowsOf(group)) yield encodeRowJson(row)
  }
}
