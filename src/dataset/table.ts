import { InvalidTableError } from '../errors.ts'
import { checkNumber, checkOptions, checkTexts, invalidArgument } from '../format/argument.ts'
import { sampleRowsMax } from '../limits.ts'
import { tableFormat } from './describe-table.ts'
import { InferredFields } from './inferred-fields.ts'
import { noteParquet } from './known-parquet.ts'
import { readParquetFooter } from './parquet-footer.ts'
import { loadHyparquet } from './parquet-package.ts'
import { parquetField } from './parquet-schema.ts'
import { readParquetGroups, rowsOf } from './parquet-rows.ts'
import { checkFilter, excludes, matchesFilter } from './row-filter.ts'
import { compareTables } from './compare-tables.ts'
import { readTextRows } from './text-rows.ts'
import type { ParquetFile } from './parquet-rows.ts'
import type { CheckedFilter, ColumnBounds } from './row-filter.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { RowsOptions, Table, TableFormat, TableRow } from '../interface/table.ts'
import type { RowGroup } from 'hyparquet'

interface CheckedRows extends AbortOptions {
  columns: readonly string[]
  /** Undefined when all columns are meant, in the order that each row has. */
  projected: readonly string[] | undefined
  filter: CheckedFilter
  offset: number
  limit: number
}

/**
 * Opens a table: of Parquet the footer is read, of JSON Lines and CSV the first rows.
 *
 * @throws {@link InvalidTableError} when the file is no table by its name, or not what that says
 * @throws {@link PackageMissingError} when it is Parquet, and what decodes that is not installed
 */
export async function openTable (source: TableSource, options: AbortOptions = {}): Promise<Table> {
  checkOptions(options)
  const { path } = source
  const format = tableFormat(path)
  if (format === undefined) {
    throw new InvalidTableError(`${path} is no table: its name ends with none of .parquet, .jsonl, .ndjson, .csv and .tsv`, { path })
  }
  return format === 'parquet' ? await openParquet(source, options) : await openText(source, format, options)
}

async function openParquet (source: TableSource, options: AbortOptions): Promise<Table> {
  const hyparquet = await loadHyparquet()
  const footer = await readParquetFooter(hyparquet, source, options)
  const file = { hyparquet, source, footer }
  const fields = footer.columns.map(parquetField)
  let from = 0
  const rowGroups = footer.metadata.row_groups.map(({ num_rows: rows, columns }) => {
    const bytes = columns.reduce((sum, { meta_data: chunk }) => sum + Number(chunk?.total_compressed_size ?? 0), 0)
    const group = { from, rows: Number(rows), bytes }
    from += group.rows
    return group
  })
  const names = fields.map(({ name }) => name)
  const table: Table = {
    path: source.path, format: 'parquet', fields, rowCount: from, rowGroups,
    rows: (options = {}) => readParquet(file, checkRows(options, names)),
    diff: (before, options) => compareTables(before, table, options)
  }
  return noteParquet(table, { file, rows: (groups, options) => readParquet(onlyGroups(file, groups), checkRows(options, names)) })
}

async function openText (source: TableSource, format: Exclude<TableFormat, 'parquet'>, options: AbortOptions): Promise<Table> {
  const inferred = new InferredFields(format === 'csv')
  const onHeader = inferred.name.bind(inferred)
  for await (const { row } of readTextRows(source, format, { ...options, onHeader })) {
    inferred.add(row)
    if (inferred.rows >= sampleRowsMax) break
  }
  const { fields } = inferred
  const names = fields.map(({ name }) => name)
  const table: Table = {
    path: source.path, format, fields, rowCount: undefined, rowGroups: [],
    // A later line of JSON may have more columns than the first ones.
    rows: (options = {}) => readText(source, format, checkRows(options, format === 'csv' ? names : undefined)),
    diff: (before, options) => compareTables(before, table, options)
  }
  return table
}

function onlyGroups ({ footer, ...file }: ParquetFile, groups: readonly number[]): ParquetFile {
  const row_groups = groups.flatMap(group => footer.metadata.row_groups[group] ?? [])
  return { ...file, footer: { ...footer, metadata: { ...footer.metadata, row_groups } } }
}

function checkRows (options: RowsOptions, names: readonly string[] | undefined): CheckedRows {
  checkOptions(options)
  const { columns, where, offset = 0, limit = Number.MAX_SAFE_INTEGER, signal } = options
  checkNumber(offset, 'offset', { min: 0, max: Number.MAX_SAFE_INTEGER })
  checkNumber(limit, 'limit', { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (columns !== undefined) checkTexts(columns, 'columns')
  const missing = columns?.find(name => names?.includes(name) === false)
  if (missing !== undefined) throw invalidArgument('columns', `columns that the table has (${names?.slice(0, 20).join(', ') ?? ''})`, missing)
  const filter = checkFilter(where, names ?? Object.keys(where ?? {}))
  return { columns: columns ?? names ?? [], projected: columns, filter, offset, limit, signal }
}

async function * readParquet (
  file: ParquetFile, { columns, projected, filter, offset, limit, signal }: CheckedRows
): AsyncGenerator<TableRow> {
  const needed = [...new Set([...columns, ...filter.map(([name]) => name)])]
  let [skipped, left] = [offset, limit]
  const groups: RowGroup[] = []
  for (const group of file.footer.metadata.row_groups) {
    const rows = Number(group.num_rows)
    if (rows === 0 || isExcluded(file, group, filter)) continue
    // Without conditions it is known which row groups have the rows that are meant.
    if (filter.length === 0 && groups.length === 0 && rows <= skipped) skipped -= rows
    else if (filter.length > 0 || left > 0) groups.push(group)
    if (filter.length === 0 && groups.length > 0) left -= groups.length === 1 ? rows - skipped : rows
  }
  left = limit
  if (left === 0) return
  for await (const decoded of readParquetGroups(file, groups, needed, { signal })) {
    for (const row of rowsOf(decoded)) {
      if (!matchesFilter(row, filter) || skipped-- > 0) continue
      yield needed.length === columns.length ? row : project(row, projected ?? columns)
      if (--left === 0) return
    }
  }
}

function isExcluded ({ footer: { leaves } }: ParquetFile, group: RowGroup, filter: CheckedFilter): boolean {
  return filter.some(([column, condition]) => {
    const at = leaves.findIndex(({ path }) => path.length === 1 && path[0] === column)
    const leaf = leaves[at]
    const metadata = group.columns[at]?.meta_data
    if (leaf === undefined || metadata === undefined || leaf.repetition > 0) return false
    const { min_value: min, max_value: max, null_count: nulls } = metadata.statistics ?? {}
    const bounds: ColumnBounds = {
      min: isWhole(min) ? min : undefined,
      max: isWhole(max) ? max : undefined,
      nulls: nulls === undefined ? undefined : Number(nulls),
      values: Number(metadata.num_values)
    }
    return excludes(bounds, condition)
  })
}

/** A bound that was cut inside a character is not the bound that it was. */
function isWhole (bound: unknown): boolean {
  return typeof bound !== 'string' || !bound.includes('\ufffd')
}

async function * readText (
  source: TableSource, format: Exclude<TableFormat, 'parquet'>, { projected, filter, offset, limit, signal }: CheckedRows
): AsyncGenerator<TableRow> {
  let [skipped, left] = [offset, limit]
  if (left === 0) return
  for await (const { row } of readTextRows(source, format, { signal })) {
    if (!matchesFilter(row, filter) || skipped-- > 0) continue
    yield projected === undefined ? row : project(row, projected)
    if (--left === 0) return
  }
}

function project (row: TableRow, columns: readonly string[]): TableRow {
  return Object.fromEntries(columns.map(name => [name, row[name] ?? null]))
}
