/**
 * The proof that a table of a dataset has a row: all that is needed to check it but the root of the dataset. It is a JSON object
 * in canonical form (RFC 8785, see `canonical-json.ts`) with these fields and no others:
 *
 * ```
 * format       'cortensor-row-proof'
 * version      '1'
 * blocks       base64 of two blocks: the root of the bundle, and that of rows.json, which it links to
 * table        the line of rows.jsonl, see table-rows.ts: it is the entry at tableIndex of the tree of rows.json
 * tableIndex   its place among the tables, from 0
 * tableHashes  the inclusion proof of it (RFC 6962): hashes of 32 bytes as hexadecimal, the one beside the entry first
 * index        place of the row in its table, from 0
 * hashes       the inclusion proof of it
 * row          the row as text
 * ```
 */
import * as z from 'zod/mini'
import { InvalidProofError } from '../errors.ts'
import { proofHashesMax, rowProofBytesMax } from '../limits.ts'
import type { JsonValue } from '../interface/primitives.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { encodeCanonicalJson } from './canonical-json.ts'
import { fromHex, toHex } from './hex.ts'
import { decodeRecord, encodeRecord, recordFormat } from './json-record.ts'
import { field } from './schema.ts'
import { decodeTableRows, encodeTableRows } from './table-rows.ts'
import type { TableRows } from './table-rows.ts'

/** A proof as it is read. */
export interface RowProof {
  /** The root block of the bundle. */
  root: Uint8Array
  /** The block of `rows.json`. */
  head: Uint8Array
  table: TableRows
  tableIndex: number
  /** 32 bytes each. */
  tableHashes: readonly Uint8Array[]
  index: number
  hashes: readonly Uint8Array[]
  row: string
}

const hashBytes = 32
const count = field((value) => Number.isSafeInteger(value) && Number(value) >= 0, 'a whole number from 0')
const hashes = field((value) => typeof value === 'string' && /^0x(?:[0-9a-f]{64})*$/.test(value) && value.length <= 2 + 64 * proofHashesMax,
  `up to ${proofHashesMax} hashes of ${hashBytes} bytes as hexadecimal`)
const block = field((value) => typeof value === 'string' && fromBase64(value) !== undefined, 'base64')

const record = recordFormat({
  what: 'proof of a row',
  format: 'cortensor-row-proof',
  version: '1',
  fields: {
    blocks: z.tuple([block, block]),
    table: z.looseObject({}),
    tableIndex: count,
    tableHashes: hashes,
    index: count,
    hashes,
    row: field((value) => typeof value === 'string', 'text')
  },
  bytesMax: rowProofBytesMax,
  invalid: (message, details) => new InvalidProofError(message, details)
})

/** Writes a proof, and verifies nothing. @throws {@link InvalidProofError} when a field is not of its form */
export function encodeRowProof ({ root, head, table, tableHashes, hashes, ...rest }: RowProof): Uint8Array<ArrayBuffer> {
  return encodeRecord(record, {
    ...rest,
    blocks: [toBase64(root), toBase64(head)],
    table: JSON.parse(new TextDecoder().decode(encodeTableRows(table))) as JsonValue,
    tableHashes: joinHashes(tableHashes),
    hashes: joinHashes(hashes)
  })
}

/**
 * Reads a proof, and verifies nothing.
 *
 * @throws {@link InvalidProofError} when the bytes are not one
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than it may be
 */
export function decodeRowProof (bytes: Uint8Array): RowProof {
  const json = decodeRecord(record, bytes) as unknown as Omit<RowProof, 'root' | 'head' | 'table'> & {
    blocks: [string, string], table: JsonValue, tableHashes: string, hashes: string
  }
  const [root, head] = json.blocks.map(text => fromBase64(text) ?? new Uint8Array(0))
  if (root === undefined || head === undefined) throw new InvalidProofError('The proof of a row has no blocks')
  const { tableIndex, index, row } = json
  return {
    root, head, tableIndex, index, row,
    table: decodeTableRows(encodeCanonicalJson(json.table)),
    tableHashes: splitHashes(json.tableHashes),
    hashes: splitHashes(json.hashes)
  }
}

function joinHashes (hashes: readonly Uint8Array[]): string {
  return `0x${hashes.map(hash => toHex(hash).slice(2)).join('')}`
}

function splitHashes (text: string): Uint8Array[] {
  const bytes = fromHex(text)
  return Array.from({ length: bytes.byteLength / hashBytes }, (_, at) => bytes.slice(at * hashBytes, (at + 1) * hashBytes))
}
