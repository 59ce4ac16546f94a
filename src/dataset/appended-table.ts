import { InvalidProvenanceError, InvalidTableError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { encodeAppendRow } from './append-columns.ts'
import { lineagePath, readRowLineage } from './appended-parts.ts'
import { loadHyparquetWriter } from './parquet-package.ts'
import { parquetStream } from './parquet-stream.ts'
import type { AppendColumn, RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AbortOptions, JsonValue } from '../interface/primitives.ts'
import type { Table } from '../interface/table.ts'

/** A table that rows were appended to, and where they came from. */
export class AppendedTable {
  readonly path: string
  readonly columns: readonly AppendColumn[]
  /** Of each row group what its rows came from. */
  readonly lineage: readonly (readonly RowLineage[])[]
  readonly #table: Table

  private constructor (table: Table, lineage: readonly (readonly RowLineage[])[]) {
    this.path = table.path
    this.columns = columnsOf(table)
    this.lineage = lineage
    this.#table = table
  }

  /**
   * Opens it: its footer is read, and what is said beside it.
   *
   * @throws {@link InvalidProvenanceError} when what is said does not fit the table
   * @throws {@link InvalidTableError} when it has columns that no appender writes
   * @throws {@link PackageMissingError} when the package `hyparquet` is not installed
   */
  static async open (
    bundle: Pick<DatasetBundle, 'stream' | 'table'>, path: string, options: AbortOptions = {}
  ): Promise<AppendedTable> {
    const lines = await Array.fromAsync(readRowLineage(bundle, path, options))
    const lineage = Array.from(Map.groupBy(lines, ({ rowGroup }) => rowGroup).values())
    const table = await bundle.table(path, options)
    const isCovered = lineage.length === table.rowGroups.length &&
      table.rowGroups.every(({ rows }, at) => rows === lineage[at]?.at(-1)?.to)
    if (!isCovered) throw new InvalidProvenanceError(`${lineagePath(path)} does not say of each row of ${path} where it came from`, { path })
    return new AppendedTable(table, lineage)
  }

  /** The rows of a row group, as an appender keeps them. */
  async rows (rowGroup: number, options: AbortOptions = {}): Promise<JsonValue[][]> {
    const { from: offset = 0, rows: limit = 0 } = this.#table.rowGroups[rowGroup] ?? {}
    return await Array.fromAsync(this.#table.rows({ ...options, offset, limit }),
      (row, at) => encodeAppendRow(this.columns, row, at))
  }

  /**
   * Writes a table of these columns as an appender does: equal rows in equal row groups give equal bytes.
   *
   * @throws {@link PackageMissingError} when the package `hyparquet-writer` is not installed
   */
  async write (groups: AsyncIterable<readonly JsonValue[][]>): Promise<AsyncIterable<Uint8Array>> {
    return parquetStream(await loadHyparquetWriter(), this.columns, groups)
  }
}

function columnsOf ({ path, fields }: Table): AppendColumn[] {
  return fields.map(({ name, type, repeated = false, nullable }) => {
    if (repeated || type === 'sc:Date') {
      throw new InvalidTableError(`Column ${quote(name)} of ${path} is none that rows are appended to`, { path })
    }
    return { name, type, nullable }
  })
}
