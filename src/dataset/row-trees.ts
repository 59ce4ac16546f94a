import { toHex } from '../format/hex.ts'
import { RowTiles, rowTilesPath } from '../format/row-tiles.ts'
import { encodeRowsHead, encodeTableRows, rowsHeadPath, tableRowsPath } from '../format/table-rows.ts'
import { concat } from '../format/protobuf.ts'
import { GrowingTree } from '../merkle/growing-tree.ts'
import { compareText } from './row-filter.ts'
import { tableFormat } from './describe-table.ts'
import { tableEntries } from './table-entries.ts'
import type { TableSource } from './table-source.ts'
import type { ImportedContent, ImportedFile, ImportedFiles } from '../bundle/publish.ts'
import type { TableRows } from '../format/table-rows.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'

const newline = Uint8Array.of(0x0a)

/** The bytes of a file that was imported a moment ago. */
export function importedSource (file: ImportedFile, content: ImportedContent): TableSource {
  return {
    path: file.path,
    size: Number(file.bytes),
    bytes: async ({ start, end }, options) => {
      const part = content.read(file, { ...options, offset: start, length: end - start })
      return concat(await Array.fromAsync(part))
    },
    stream: options => content.read(file, options)
  }
}

/** A table, and what is kept of its tree. */
export interface MeasuredRows {
  rows: TableRows
  tiles: Uint8Array
}

/**
 * Reads all rows of a table, and makes the tree of them. @returns undefined when the file is no table by its name
 *
 * @throws {@link InvalidTableError} when the file is not what its name says
 * @throws {@link PackageMissingError} when it is Parquet, and what decodes that is not installed
 */
export async function measureRows (
  source: TableSource, cid: string, options: AbortOptions = {}
): Promise<MeasuredRows | undefined> {
  const { path } = source
  const table = tableFormat(path)
  if (table === undefined) return undefined
  const [tree, tiles] = [new GrowingTree(), new RowTiles()]
  let header: string | undefined
  const onHeader = (text: string): void => { header = text }
  for await (const { bytes, start } of tableEntries(source, table, { ...options, onHeader })) {
    tiles.append(tree.append(bytes), start)
  }
  const rows = { path, cid, table, rows: tree.size, root: toHex(tree.root), ...(header === undefined ? {} : { header }) }
  return { rows, tiles: tiles.bytes(table) }
}

/**
 * The files that let rows of a dataset be proven, made from the tables among its files; none where there are no tables.
 *
 * @throws what {@link measureRows} throws
 */
export async function rowTreeFiles (
  files: ImportedFiles, content: ImportedContent, options: AbortOptions = {}
): Promise<FileSource[]> {
  const tree = new GrowingTree()
  const [lines, tiles]: [Uint8Array[], Uint8Array[]] = [[], []]
  const tables = [...files].filter(({ path }) => tableFormat(path) !== undefined)
  for (const file of tables.sort((a, b) => compareText(a.path, b.path))) {
    const measured = await measureRows(importedSource(file, content), file.cid.toString(), options)
    if (measured === undefined) continue
    const line = encodeTableRows(measured.rows)
    tiles.push(measured.tiles)
    tree.append(line)
    lines.push(line, newline)
  }
  if (lines.length === 0) return []
  return [
    { name: tableRowsPath, bytes: concat(lines) },
    { name: rowTilesPath, bytes: concat(tiles) },
    { name: rowsHeadPath, bytes: encodeRowsHead({ tables: tree.size, root: toHex(tree.root) }) }
  ]
}
