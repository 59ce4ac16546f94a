import { readParquetFooter } from './parquet-footer.ts'
import { loadHyparquet } from './parquet-package.ts'
import { parquetField } from './parquet-schema.ts'
import { InferredFields } from './inferred-fields.ts'
import { readTextRows } from './text-rows.ts'
import type { Hyparquet } from './parquet-package.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableDescription, TableFormat } from '../interface/table.ts'

const formats: Readonly<Record<string, TableFormat>> = { csv: 'csv', jsonl: 'jsonl', ndjson: 'jsonl', parquet: 'parquet', tsv: 'csv' }

/** The format that a file has by the end of its name; undefined when it is no table. */
export function tableFormat (path: string): TableFormat | undefined {
  const end = path.slice(path.lastIndexOf('.') + 1).toLowerCase()
  return Object.hasOwn(formats, end) ? formats[end] : undefined
}

/**
 * Says what columns a table has and how many rows. Of Parquet the footer is read, of JSON Lines and CSV every row, one in memory
 * at a time: what a column is, is known when all its values are.
 *
 * @returns undefined when the file is no table by its name
 * @throws {@link InvalidTableError} when it is not what its name says; `details.line` names the line where there is one
 * @throws {@link LimitExceededError} when it has more columns, or larger rows, than are read
 * @throws {@link PackageMissingError} when it is Parquet, and what decodes that is not installed
 */
export async function describeTable (
  source: TableSource, { load = loadHyparquet, ...options }: AbortOptions & { load?: () => Promise<Hyparquet> } = {}
): Promise<TableDescription | undefined> {
  const format = tableFormat(source.path)
  if (format === undefined) return undefined
  if (format === 'parquet') {
    const { metadata, columns } = await readParquetFooter(await load(), source, options)
    return { format, fields: columns.map(parquetField), rows: Number(metadata.num_rows), rowGroups: metadata.row_groups.length }
  }
  const inferred = new InferredFields(format === 'csv')
  const onHeader = inferred.name.bind(inferred)
  for await (const { row } of readTextRows(source, format, { ...options, onHeader })) inferred.add(row)
  return { format, fields: inferred.fields, rows: inferred.rows }
}
