import {
  FileNotFoundError, InvalidArgumentError, InvalidProofError, InvalidTileError, MismatchError, ProofMismatchError
} from '../errors.ts'
import { checkNumber, invalidArgument } from '../format/argument.ts'
import { encodeRowProof } from '../format/row-proof.ts'
import { rowTilesBytes, rowTilesPath } from '../format/row-tiles.ts'
import { decodeRowsHead, decodeTableRows, rowsHeadPath, tableRowsPath } from '../format/table-rows.ts'
import { rowsHeadBytesMax } from '../limits.ts'
import { GrowingTree } from '../merkle/growing-tree.ts'
import { StreamedInclusion } from '../merkle/streamed-inclusion.ts'
import { includeRow } from './include-row.ts'
import { fileSource } from './table-source.ts'
import { textRecords } from './text-records.ts'
import { verifyRow } from './verify-row.ts'
import type { ReadKept } from './include-row.ts'
import type { TableRows } from '../format/table-rows.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ProvableDataset, RowPlace } from '../interface/table.ts'

/** A table as `rows.jsonl` has it, and the proof that it does. */
interface ProvenTable {
  table: TableRows
  tableIndex: number
  tableHashes: Uint8Array[]
  /** Where what is kept of its tree starts. */
  keptFrom: number
}

/** What comes of a table that is not what was said of it. */
const wrongWords = [InvalidArgumentError, InvalidTileError, InvalidProofError, ProofMismatchError]

/**
 * Makes the proof that a dataset has a row, to be checked by {@link verifyRow}. Of the table the 256 rows are read among
 * which it is, of Parquet the row groups in which these are; as a whole it is read where the version keeps nothing of its tree.
 *
 * @param root - the root block of the bundle
 * @throws {@link FileNotFoundError} when the dataset was not published with `provable`, or has no such table
 * @throws {@link InvalidArgumentError} when the table has no such row
 * @throws {@link MismatchError} when the table has not the rows that its publisher said it has
 */
export async function proveRow (
  dataset: ProvableDataset, root: Uint8Array, { path, index }: RowPlace, options: AbortOptions = {}
): Promise<Uint8Array> {
  checkIndex(index)
  const head = await readHead(dataset, options)
  const { tables } = decodeRowsHead(head)
  const proven = await proveTable(dataset, path, tables, options)
  const { table, tableIndex, tableHashes, keptFrom } = proven
  if (index >= table.rows) throw invalidArgument('row', `below the ${table.rows} that ${path} has`, index)
  const source = fileSource(await dataset.file(path, options))
  const kept = await openKept(dataset, keptFrom, options)
  try {
    const { entry, hashes } = await includeRow(source, { table, index, kept }, options)
    const proof = encodeRowProof({ root, head, table, tableIndex, tableHashes, index, hashes, row: asText(entry) })
    verifyRow(proof, dataset.cid)
    return proof
  } catch (cause) {
    if (!wrongWords.some(type => cause instanceof type)) throw cause
    throw new MismatchError(`${path} has not the rows that ${rowsHeadPath} of ${dataset.cid.toString()} says: its publisher was wrong`, { path, cause })
  }
}

function asText (row: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(row)
}

async function readHead (dataset: ProvableDataset, options: AbortOptions): Promise<Uint8Array> {
  try {
    return await (await dataset.file(rowsHeadPath, options)).bytes({ ...options, bytesMax: rowsHeadBytesMax })
  } catch (cause) {
    if (!(cause instanceof FileNotFoundError)) throw cause
    throw new FileNotFoundError(`${dataset.cid.toString()} has no ${rowsHeadPath}: no row of it can be proven, for it was not published with provable`,
      { path: rowsHeadPath, cause })
  }
}

async function proveTable (
  dataset: ProvableDataset, path: string, tables: number, options: AbortOptions
): Promise<ProvenTable> {
  const file = await dataset.file(tableRowsPath, options)
  const before = new GrowingTree()
  let found: Pick<ProvenTable, 'table' | 'tableIndex'> & { inclusion: StreamedInclusion } | undefined
  let keptFrom = 0
  for await (const { bytes: line } of textRecords(tableRowsPath, file.stream(options), 'jsonl')) {
    const table = decodeTableRows(line)
    if (found === undefined && table.path === path) {
      found = { table, tableIndex: before.size, inclusion: new StreamedInclusion(before.size, tables, before) }
    }
    if (found !== undefined) {
      found.inclusion.append(line)
      continue
    }
    before.append(line)
    keptFrom += rowTilesBytes(table)
  }
  if (found === undefined) throw new FileNotFoundError(`${path} is no table of the dataset`, { path })
  const { table, tableIndex, inclusion } = found
  return { table, tableIndex, tableHashes: inclusion.end().hashes, keptFrom }
}

/** What the version keeps of the trees of its tables; undefined when that is nothing. */
async function openKept (dataset: ProvableDataset, keptFrom: number, options: AbortOptions): Promise<ReadKept | undefined> {
  try {
    const file = await dataset.file(rowTilesPath, options)
    return async ({ offset, length }, options) =>
      await file.bytes({ ...options, offset: keptFrom + offset, length, bytesMax: length })
  } catch (cause) {
    if (cause instanceof FileNotFoundError) return undefined
    throw cause
  }
}

function checkIndex (index: unknown): void {
  if (index === undefined) throw new InvalidArgumentError('row must be the place of a row in its table, from 0')
  checkNumber(index, 'row', { min: 0, max: Number.MAX_SAFE_INTEGER })
}
