import { isMeantRow } from './affected.ts'
import { AppendedTable } from './appended-table.ts'
import { lineagePath, writeRowLineage } from './appended-parts.ts'
import type { RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AbortOptions, JsonValue } from '../interface/primitives.ts'
import type { ProvenanceSelector } from '../interface/provenance.ts'
import type { FileSource } from '../interface/source.ts'

/**
 * What becomes of a table that rows were appended to, and of what is said beside it, without the rows that came from what is
 * looked for: all other rows, in their order, and in row groups as before. The bundle has to stay open until they are read.
 *
 * @returns nothing when no row stays
 * @throws what opening the table throws
 */
export async function withoutRows (
  bundle: Pick<DatasetBundle, 'stream' | 'table'>, path: string, selector: ProvenanceSelector, options: AbortOptions = {}
): Promise<FileSource[]> {
  const table = await AppendedTable.open(bundle, path, options)
  const groups = table.lineage.flatMap((lines, rowGroup) => {
    const kept = lines.filter(line => !isMeantRow(line, selector))
    return kept.length === 0 ? [] : [{ rowGroup, kept }]
  })
  if (groups.length === 0) return []
  const rows = async function * (): AsyncGenerator<JsonValue[][]> {
    for (const { rowGroup, kept } of groups) {
      const all = await table.rows(rowGroup, options)
      yield kept.flatMap(({ from, to }) => all.slice(from, to))
    }
  }
  const lineage = groups.flatMap(({ kept }, rowGroup) => renumbered(kept, rowGroup))
  return [
    { name: nameOf(path), stream: await table.write(rows()) },
    { name: nameOf(lineagePath(path)), stream: writeRowLineage(lineage) }
  ]
}

function renumbered (lines: readonly RowLineage[], rowGroup: number): RowLineage[] {
  let next = 0
  return lines.map(line => ({ ...line, rowGroup, from: next, to: next += line.to - line.from }))
}

function nameOf (path: string): string {
  return path.slice('data/'.length)
}
