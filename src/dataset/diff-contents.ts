import { tableFormat } from './describe-table.ts'
import type { FileChange, TableChange } from '../interface/dataset-diff.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Table } from '../interface/table.ts'

/** What is different in the content of a table. */
export type TableContentChange = Required<Pick<TableChange, 'path' | 'rowChanges'>> & Pick<TableChange, 'rowGroups'>

/** How to compare them. */
export interface DiffContentsOptions extends AbortOptions {
  /** Columns that name a row, of tables that have all of them. */
  key?: readonly string[] | undefined
}

/** Tables of one version. */
export interface TablesOf {
  table(path: string, options?: AbortOptions): Promise<Table>
}

/**
 * Reads the files that changed and are tables, one after the other, and says which row groups and how many rows came, went and
 * changed. Of Parquet what is equal block by block is not read.
 *
 * @throws {@link InvalidTableError} when a file is not what its name says, or two rows of it have the same key
 * @throws {@link PackageMissingError} when one is Parquet, and what decodes that is not installed
 */
export async function diffContents (
  before: TablesOf, after: TablesOf, changed: readonly FileChange[], { key = [], signal }: DiffContentsOptions
): Promise<TableContentChange[]> {
  const changes: TableContentChange[] = []
  for (const { path } of changed) {
    if (tableFormat(path) === undefined) continue
    const [left, right] = await Promise.all([before.table(path, { signal }), after.table(path, { signal })])
    const isKeyed = key.length > 0 && key.every(name => hasColumn(left, name) && hasColumn(right, name))
    const diff = right.diff(left, { signal, ...(isKeyed ? { key } : {}) })
    const rowGroups = right.format === 'parquet' ? { rowGroups: await diff.rowGroups() } : {}
    const rowChanges = { added: 0, removed: 0, changed: 0 }
    for await (const { type } of diff.rows()) rowChanges[type]++
    changes.push({ path, ...rowGroups, rowChanges })
  }
  return changes
}

function hasColumn ({ fields }: Table, column: string): boolean {
  return fields.some(({ name }) => name === column)
}
