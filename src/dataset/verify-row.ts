import { sha256 } from '@noble/hashes/sha2.js'
import { equals } from 'multiformats/bytes'
import { InvalidProofError, ProofMismatchError } from '../errors.ts'
import { decodeUnixfs } from '../bundle/unixfs-node.ts'
import { fromHex } from '../format/hex.ts'
import { parseReference } from '../format/reference.ts'
import { decodeRowProof } from '../format/row-proof.ts'
import { decodeRowsHead, encodeTableRows, rowsHeadPath } from '../format/table-rows.ts'
import { toUtf8 } from '../format/utf8.ts'
import { verifyInclusion } from '../merkle/inclusion.ts'
import { parseCsvRecord } from './csv-record.ts'
import type { RowProof } from '../format/row-proof.ts'
import type { JsonObject, JsonValue, Reference } from '../interface/primitives.ts'
import type { TableFormat } from '../interface/table.ts'
import type { CID } from 'multiformats/cid'

/** A row of a version of a dataset, and where it stands. */
export interface VerifiedRow {
  /** Path of the table, from the root of the bundle. */
  path: string
  /** CID text of its file. */
  file: string
  format: TableFormat
  /** Place of the row in its table, from 0. */
  index: number
  /** Rows of the table. */
  rows: number
  /** The row itself: its line, of Parquet its JSON. */
  text: string
  /** Its values by the names of their columns; of CSV all are text. */
  values: JsonObject
}

/**
 * Checks the proof that a version of a dataset has a row. It needs nothing but the proof and the root. What it shows is that
 * whoever published that root said of the table at this path, which is the file with this CID, that it has the row; whoever has
 * the file can see that it does.
 *
 * @param proof - bytes that `proveRow()` gave
 * @param root - the root of the version
 * @throws {@link InvalidProofError}, {@link LimitExceededError}, {@link NewerFormatError} when the bytes are no proof
 * @throws {@link ProofMismatchError} when it is none of this root, or was changed
 * @throws {@link InvalidDagError}, {@link InvalidTableError} when the root, or the row, is not what it should be
 * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `root` names no root
 */
export function verifyRow (proof: Uint8Array, root: Reference): VerifiedRow {
  const { cid } = parseReference(root)
  const decoded = decodeRowProof(proof)
  const head = decodeRowsHead(fileOf(decoded, cid))
  const { table, tableIndex, tableHashes, index, hashes, row } = decoded
  const tables = { size: head.tables, root: fromHex(head.root) }
  verifyInclusion({ entry: encodeTableRows(table), index: tableIndex, tree: tables }, tableHashes)
  verifyInclusion({ entry: toUtf8(row), index, tree: { size: table.rows, root: fromHex(table.root) } }, hashes)
  const { path, cid: file, table: format, rows } = table
  return { path, file, format, index, rows, text: row, values: valuesOf(decoded) }
}

/** What `rows.json` says, when its block is the one that the root links to. */
function fileOf ({ root, head }: RowProof, cid: CID): Uint8Array {
  checkBlock(cid, root, 'the root')
  const directory = decodeUnixfs(cid, root)
  const link = directory.type === 'directory' ? directory.links.filter(({ name }) => name === rowsHeadPath) : []
  const [only] = link
  if (only === undefined || link.length !== 1) throw new InvalidProofError(`The root ${cid.toString()} has no file ${rowsHeadPath}`)
  checkBlock(only.cid, head, rowsHeadPath)
  const file = decodeUnixfs(only.cid, head)
  if (file.type !== 'file' || file.parts.length > 0) throw new InvalidProofError(`${rowsHeadPath} is not a file of one block`)
  return file.data
}

function checkBlock (cid: CID, bytes: Uint8Array, what: string): void {
  if (equals(sha256(bytes), cid.multihash.digest)) return
  throw new ProofMismatchError(`The block that the proof has for ${what} is not that of ${cid.toString()}`, { cid: cid.toString() })
}

function valuesOf ({ table: { path, table, header }, row, index }: RowProof): JsonObject {
  if (table === 'csv') {
    const [names, fields] = [header ?? '', row].map(text => parseCsvRecord(path, { bytes: toUtf8(text), line: index }))
    return Object.fromEntries((names ?? []).map((name, at) => [name, fields?.[at] ?? '']))
  }
  const value = parseJson(row)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  throw new InvalidProofError(`Row ${index} of ${path} is not a JSON object`)
}

function parseJson (text: string): JsonValue {
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new InvalidProofError('The row is not JSON', { cause })
  }
}
