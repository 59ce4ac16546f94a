import type { ParquetFile } from './parquet-rows.ts'
import type { RowsOptions, Table, TableRow } from '../interface/table.ts'

/** What a table of Parquet is made of. */
export interface KnownParquet {
  file: ParquetFile
  /** Reads these row groups alone. */
  rows: (groups: readonly number[], options: RowsOptions) => AsyncIterable<TableRow>
}

const known = new WeakMap<Table, KnownParquet>()

/** Notes what a table is made of, for those who compare it with another one. */
export function noteParquet (table: Table, parquet: KnownParquet): Table {
  known.set(table, parquet)
  return table
}

/** What a table is made of; undefined when it is no Parquet, or not one of ours. */
export function parquetOf (table: Table): KnownParquet | undefined {
  return known.get(table)
}
