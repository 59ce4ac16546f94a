import { encodeAppendRow } from './append-columns.ts'
import { AppendedTable } from './appended-table.ts'
import { cidOfContent } from './content-cid.ts'
import type { RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { OpenResult, ReproducedDifference, ReproduceOptions } from '../interface/dataset-lineage.ts'
import type { AbortOptions, JsonValue } from '../interface/primitives.ts'
import type { ProvenanceResult } from '../interface/provenance.ts'

/** What came of rebuilding a file; `reason` counts where that is not what was published. */
export interface Rebuilt extends Pick<ReproducedDifference, 'reason' | 'row' | 'result'> {
  cid?: string
}

/** What rebuilding a table of appended rows needs. */
export interface RebuildRowsComponents {
  bundle: Pick<DatasetBundle, 'stream' | 'table'>
  openResult: (result: Pick<ProvenanceResult, 'root' | 'miner'>) => Promise<OpenResult>
  rows: ReproduceOptions['rows']
  chunking: string | undefined
}

/**
 * Makes a table that rows were appended to again, from the results that they came from, one row group in memory at a time. Its
 * columns, and where its row groups end, are those that were published.
 *
 * @throws {@link InvalidArgumentError} when a row has other columns or values than the table
 * @throws what opening a result, or the table, throws
 */
export async function rebuildRows (
  components: RebuildRowsComponents, path: string, published: string, options: AbortOptions
): Promise<Rebuilt> {
  const { bundle, rows, chunking } = components
  if (rows === undefined) return { reason: 'appended' }
  const table = await AppendedTable.open(bundle, path, options)
  const named = table.lineage.flat().find(({ answers }) => answers === undefined)
  if (named !== undefined) return { reason: 'appended', result: named.result }
  let missing: RowLineage | undefined
  const groups = async function * (): AsyncGenerator<JsonValue[][]> {
    for (const lines of table.lineage) {
      const group: JsonValue[][] = []
      for (const line of lines) {
        const made = await makeRows(components, table, line, options)
        if (made === undefined) missing = line
        if (made === undefined) return
        group.push(...made)
      }
      if (group.length > 0) yield group
    }
  }
  const cid = await cidOfContent(await table.write(groups()), { ...options, chunking })
  if (missing !== undefined) return { reason: 'appended', result: missing.result }
  return { cid, reason: 'differs', ...cid === published ? {} : await firstDifference(components, table, options) }
}

async function makeRows (
  { openResult, rows }: RebuildRowsComponents, { columns }: AppendedTable, lineage: RowLineage, { signal }: AbortOptions
): Promise<JsonValue[][] | undefined> {
  signal?.throwIfAborted()
  const result = await openResult({ root: lineage.result, miner: lineage.miner })
  try {
    const made = await rows?.({ lineage, result })
    return made?.map((row, at) => encodeAppendRow(columns, row, at))
  } finally {
    await result.close()
  }
}

/** The first row that is not the published one. Where there is none the bytes differ all the same: another writer made them. */
async function firstDifference (
  components: RebuildRowsComponents, table: AppendedTable, options: AbortOptions
): Promise<Pick<Rebuilt, 'row' | 'result'>> {
  let first = 0
  for (const [rowGroup, lines] of table.lineage.entries()) {
    const published = await table.rows(rowGroup, options)
    for (const line of lines) {
      const own = published.slice(line.from, line.to)
      const made = await makeRows(components, table, line, options) ?? []
      for (let at = 0; at < Math.max(own.length, made.length); at++) {
        if (JSON.stringify(own[at]) !== JSON.stringify(made[at])) return { row: first + line.from + at, result: line.result }
      }
    }
    first += published.length
  }
  return {}
}
