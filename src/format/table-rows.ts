/**
 * What a dataset bundle says of the rows of its tables, so that each can be proven to be in it: `rows.jsonl` has a line for each
 * table, in the order of their paths, and `rows.json` is the head of the tree of these lines.
 *
 * Both are JSON objects in canonical form (RFC 8785, see `canonical-json.ts`) with these fields and no others; each line of
 * `rows.jsonl` ends with a newline. Trees are those of RFC 6962 (see `merkle/hashing.ts`).
 *
 * ```
 * rows.json    format   'cortensor-rows'
 *              version  '1'
 *              tables   how many lines rows.jsonl has
 *              root     32 bytes: the tree of which the entries are these lines, without their newlines
 *
 * rows.jsonl   format   'cortensor-table-rows'
 *              version  '1'
 *              path     from the root of the bundle
 *              cid      of the file: CIDv1 in base32
 *              table    'parquet', 'jsonl' or 'csv', which also a .tsv is
 *              rows     how many rows the table has
 *              root     32 bytes: the tree of which the entries are the rows
 *              header?  of a CSV: its first record as it stands in the file
 * ```
 *
 * A row is, of JSON Lines and CSV, its bytes in the file without what ends the line, and of Parquet the row as JSON in canonical
 * form (see `row-json.ts`). That a table has the rows that a line says is the word of whoever published the bundle, until
 * somebody who has the file makes the tree again.
 */
import * as z from 'zod/mini'
import { InvalidProofError } from '../errors.ts'
import { rowsHeadBytesMax, tableRowsBytesMax } from '../limits.ts'
import type { Hex } from '../interface/primitives.ts'
import type { TableFormat } from '../interface/table.ts'
import { decodeRecord, encodeRecord, recordFormat } from './json-record.ts'
import { bytes32, field } from './schema.ts'

/** The rows of one table. */
export interface TableRows {
  path: string
  /** CID text of the file. */
  cid: string
  table: TableFormat
  rows: number
  root: Hex
  header?: string
}

/** All tables of a bundle. */
export interface RowsHead {
  tables: number
  root: Hex
}

/** Where a bundle has them. */
export const rowsHeadPath = 'rows.json'
export const tableRowsPath = 'rows.jsonl'

const count = field((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0')
const text = field((value) => typeof value === 'string', 'text')

const head = recordFormat({
  what: 'head of rows',
  format: 'cortensor-rows',
  version: '1',
  fields: { tables: count, root: bytes32 },
  bytesMax: rowsHeadBytesMax,
  invalid: (message, details) => new InvalidProofError(message, details)
})

const table = recordFormat({
  what: 'description of rows',
  format: 'cortensor-table-rows',
  version: '1',
  fields: {
    path: text,
    cid: text,
    table: field((value) => value === 'parquet' || value === 'jsonl' || value === 'csv', 'parquet, jsonl or csv'),
    rows: count,
    root: bytes32,
    header: z.optional(text)
  },
  bytesMax: tableRowsBytesMax,
  invalid: (message, details) => new InvalidProofError(message, details)
})

/** Writes `rows.json`. @throws {@link InvalidProofError} when a field is not of its form */
export function encodeRowsHead (rows: RowsHead): Uint8Array<ArrayBuffer> {
  return encodeRecord(head, rows)
}

/** Reads `rows.json`. @throws {@link InvalidProofError}, {@link LimitExceededError}, {@link NewerFormatError} when it is none */
export function decodeRowsHead (bytes: Uint8Array): RowsHead {
  return decodeRecord(head, bytes) as unknown as RowsHead
}

/** Writes a line of `rows.jsonl`, without its newline. @throws {@link InvalidProofError} when a field is not of its form */
export function encodeTableRows (rows: TableRows): Uint8Array<ArrayBuffer> {
  return encodeRecord(table, rows)
}

/** Reads a line. @throws {@link InvalidProofError}, {@link LimitExceededError}, {@link NewerFormatError} when it is none */
export function decodeTableRows (bytes: Uint8Array): TableRows {
  return decodeRecord(table, bytes) as unknown as TableRows
}
