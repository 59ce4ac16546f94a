import type { Address, JsonValue, Reference } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { FieldType, TableRow } from './table.ts'
import type { TaskReference } from './task.ts'

/** A column of a table that grows. A structured value is anything that JSON can hold. */
export interface AppendColumn {
  name: string
  type: Exclude<FieldType, 'sc:Date'>
  /** Whether rows may be without it; by default they may not. */
  nullable?: boolean
}

/** Values of a column, by its type. */
export interface AppendValues {
  'sc:Boolean': boolean
  /** Of 64 bits; numbers up to 2^53. */
  'sc:Integer': number | bigint
  'sc:Float': number
  'sc:Text': string
  'sc:DateTime': Date
  'sc:StructuredValue': JsonValue
}

/**
 * A row of these columns: what may be null may also be left out. Where the columns are not known to the compiler, a row of any.
 *
 * @typeParam Columns - as they are given, or written down with `as const`
 */
export type AppendedRow<Columns extends readonly AppendColumn[]> = string extends Columns[number]['name'] ? TableRow : {
  [Name in Extract<Columns[number], { name: string, nullable?: false }>['name']]:
  AppendValues[Extract<Columns[number], { name: Name }>['type']]
} & {
  [Name in Exclude<Columns[number], { name: string, nullable?: false }>['name']]?:
  AppendValues[Extract<Columns[number], { name: Name }>['type']] | null
}

/**
 * A dataset that rows are appended to.
 *
 * @typeParam Columns - the columns, by which rows get their type
 */
export interface AppendInit<Columns extends readonly AppendColumn[] = readonly AppendColumn[]> {
  /** As that of a {@link DatasetInit}. */
  name: string
  /** The same whenever it is opened again, until what was appended is committed. */
  columns: Columns
  /** Rows of one row group; by default 10,000. A row group ends with the rows of one result. */
  rowGroupRows?: number
}

/**
 * Where rows came from. Of a result that this node has, what its manifest says of them may be left out, and nothing else may be
 * said.
 */
export interface RowOrigin {
  /** The result bundle. */
  result: Reference
  miner: Address
  /** Name of the model, or its digest. */
  model?: string
  task?: TaskReference
}

/**
 * Which rows of a row group came from which result: `from` is the first of them in the row group, `to` the first after them. A
 * committed version has one for each beside the table, as JSON Lines. Of a result that its publisher had, what the manifest says
 * is there; what was only named is without `answers`.
 */
export interface RowLineage {
  /** Path of the table, from the root of the bundle. */
  path: string
  rowGroup: number
  from: number
  to: number
  /** CID text of the result's root. */
  result: string
  miner: Address
  model?: string
  task?: TaskReference
  /** CID text of the root of the task bundle that the result answers. */
  answers?: string
  modelDigest?: string
  /** The miner's signed word that it published the result. */
  statement?: Statement
}
