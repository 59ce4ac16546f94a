import type { AbortOptions } from './primitives.ts'
import type { ReadOptions } from './read.ts'
import type { CID } from 'multiformats/cid'

/** How a table is written: Parquet, JSON Lines (one object a line), or CSV after RFC 4180 with a header; with tabs in `.tsv`. */
export type TableFormat = 'parquet' | 'jsonl' | 'csv'

/** Data types of Croissant: `sc:` is https://schema.org/. What has fields or items of its own is `sc:StructuredValue`. */
export type FieldType = 'sc:Boolean' | 'sc:Integer' | 'sc:Float' | 'sc:Text' | 'sc:Date' | 'sc:DateTime' | 'sc:StructuredValue'

/** A column of a table. */
export interface TableField {
  name: string
  type: FieldType
  /** True when each row has a list of them. */
  repeated?: boolean
  /** False when every row has a value. */
  nullable: boolean
}

/** What a table holds, without its rows. */
export interface TableDescription {
  format: TableFormat
  fields: readonly TableField[]
  rows: number
  /** Of Parquet only. */
  rowGroups?: number
}

/**
 * A value in a row. Whole numbers of 64 bits are bigints, of JSON Lines those that a number does not hold; moments are dates to
 * the millisecond, decimals are numbers.
 */
export type TableValue =
  string | number | bigint | boolean | null | Date | Uint8Array | TableValue[] | { [name: string]: TableValue }

/** A row by the names of its columns. */
export type TableRow = Record<string, TableValue>

/** Any shape of a row: its properties are values. */
export type RowShape<Row> = { [Name in keyof Row]: TableValue }

/** What values of columns are compared with. */
export type Comparable = string | number | bigint | boolean | Date | null

/** Says which values a column may have: all that is said has to hold. Text is compared by its code points. */
export interface ColumnCondition {
  eq?: Comparable
  ne?: Comparable
  gt?: Comparable
  gte?: Comparable
  lt?: Comparable
  lte?: Comparable
  in?: readonly Comparable[]
}

/** Which rows are meant: all conditions have to hold. A value is short for `{ eq: value }`. */
export type RowFilter = Readonly<Record<string, Comparable | ColumnCondition>>

/**
 * Which rows and columns to read.
 *
 * @typeParam Name - names of columns
 */
export interface RowsOptions<Name extends string = string> extends AbortOptions {
  /** Only these columns, in this order; of Parquet, nothing else is fetched. */
  columns?: readonly Name[]
  /** Only rows for which all of it holds. Row groups of Parquet whose statistics exclude them are not fetched. */
  where?: RowFilter
  /** Rows that are left out first. */
  offset?: number
  /** At most so many rows. */
  limit?: number
}

/** Rows of Parquet that stand together, and are read together. */
export interface RowGroup {
  /** Its first row in the table, from 0. */
  from: number
  rows: number
  /** Bytes that it takes in the file. */
  bytes: number
}

/** How to compare two tables. */
export interface TableDiffOptions extends AbortOptions {
  /** Columns whose values together name a row, in both tables. Without it a row that changed is one removed and one added. */
  key?: readonly string[]
}

/** A column that is not the same in both: absent on the side that does not have it. */
export interface ColumnChange {
  name: string
  before?: TableField
  after?: TableField
}

/** A row that is not in both. */
export type RowChange =
  | { type: 'added', row: TableRow }
  | { type: 'removed', row: TableRow }
  | { type: 'changed', before: TableRow, after: TableRow }

/** Which row groups two tables share, by the CIDs of their blocks. */
export interface RowGroupDiff {
  /** Those of the later one of which the earlier one is not known to have one with the same bytes. */
  added: readonly RowGroup[]
  removed: readonly RowGroup[]
  /** How many are in both. */
  same: number
}

/** What is different in two tables. */
export interface TableDiff {
  /** Columns that came, went, or changed their type. */
  readonly fields: readonly ColumnChange[]
  /**
   * Rows that came, went, or changed, in no order. Their columns are those that both tables have: what only one has is in
   * `fields`. A row that is there several times is compared as often. Row groups that are the same in both are not fetched, so
   * that two rows with one key are not noticed in them. Memory is bounded: of more than a million rows, both tables are read
   * again for each million.
   *
   * @throws {@link InvalidTableError} when a table is not what it should be, or two rows of it have the same key
   * @throws {@link LimitExceededError} when more than a hundred million rows are to be compared
   */
  rows(): AsyncIterable<RowChange>
  /**
   * Row groups that came and went, as far as their blocks tell: of two tables of Parquet, where equal columns stand in blocks
   * that are equal. Their content is not fetched. Of other tables there are none.
   */
  rowGroups(): Promise<RowGroupDiff>
}

/** A file of a dataset as a table. Nothing of it is kept open. */
export interface Table {
  readonly path: string
  readonly format: TableFormat
  /** Of Parquet what its footer says; of JSON Lines and CSV what the first rows are. */
  readonly fields: readonly TableField[]
  /** Rows in all where that is known without reading them: of Parquet. */
  readonly rowCount: number | undefined
  /** Of Parquet; empty for others. */
  readonly rowGroups: readonly RowGroup[]

  /**
   * Reads rows in their order, as they are asked for. Of Parquet one row group after the other is in memory, and what is
   * read of it is fetched while the one before is read. Values of CSV are text, and compared as numbers with numbers.
   *
   * @throws {@link InvalidTableError} when a row is not what the format, or the footer, says; `details.line` names it
   * @throws {@link InvalidArgumentError} when there is no such column
   * @throws {@link LimitExceededError} when a row or row group is larger than is read into memory
   */
  rows(options?: RowsOptions): AsyncIterable<TableRow>

  /**
   * Says what is different from an earlier table, of whatever format and dataset.
   *
   * @throws {@link InvalidArgumentError} when a column of the key is not in both
   */
  diff(before: Table, options?: TableDiffOptions): TableDiff
}

/**
 * A table whose rows have the type that the host says. It is read as any other one: no row is checked against it.
 *
 * @typeParam Row - a row with all columns that are read
 */
export interface TypedTable<Row extends RowShape<Row>> extends Omit<Table, 'rows'> {
  /** As that of a {@link Table}: rows have the columns that are asked for. */
  rows<Name extends keyof Row & string = keyof Row & string>(options?: RowsOptions<Name>): AsyncIterable<Pick<Row, Name>>
}

/** A block that holds a part of a file. */
export interface FileBlock {
  cid: CID
  /** Its first byte in the file. */
  start: number
  /** Bytes of the file that it holds. */
  size: number
}

/** A file of a dataset. Nothing of it is kept open. */
export interface DatasetFile {
  readonly path: string
  readonly cid: CID
  /** Bytes of its content. */
  readonly size: number
  /**
   * Reads all of it, or a part, into memory.
   *
   * @throws {@link LimitExceededError} when that is more than `bytesMax` (64 MiB unless said)
   */
  bytes(options?: ReadOptions & { bytesMax?: number }): Promise<Uint8Array<ArrayBuffer>>
  /** Reads all of it, or a part, piece by piece. */
  stream(options?: ReadOptions): AsyncIterable<Uint8Array>
  /** Names the blocks that hold all of it, or a part, in their order; their content is not fetched. */
  blocks(options?: ReadOptions): AsyncIterable<FileBlock>
}

/** A row by its table, and its place in it from 0. */
export interface RowPlace {
  path: string
  index: number
}

/** A dataset of which rows are proven. */
export interface ProvableDataset {
  readonly cid: CID
  file(path: string, options?: AbortOptions): Promise<DatasetFile>
}
