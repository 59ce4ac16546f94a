import { setImmediate } from 'node:timers/promises'
import { InvalidProvenanceError, LimitExceededError } from '../errors.ts'
import { decodeRowLineage, encodeRowLineage } from '../format/row-lineage.ts'
import { toUtf8 } from '../format/utf8.ts'
import { appendResultsMax, rowLineageAtOnce } from '../limits.ts'
import { textRecords } from './text-records.ts'
import type { RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ExplainedDataset } from '../interface/table-reader.ts'
import type { CID } from 'multiformats/cid'

const partPattern = /^(data\/part-(\d{5,15}))\.parquet$/

/** Name, below `data/`, of the n-th table of appended rows, and of the file that says where they came from. */
export function partNames (n: number): { table: string, lineage: string } {
  const name = `part-${String(n).padStart(5, '0')}`
  return { table: `${name}.parquet`, lineage: `${name}.lineage.jsonl` }
}

/** Which table of appended rows a path is, by its name; 0 when it is none. */
export function partNumber (path: string): number {
  return Number(partPattern.exec(path)?.[2] ?? 0)
}

/** Path of the file beside a table of appended rows that says where they came from. */
export function lineagePath (table: string): string {
  return table.replace(partPattern, '$1.lineage.jsonl')
}

/** True when a path is that of a table that rows were appended to: something beside it says where they came from. */
export function isAppendedTable (path: string, paths: ReadonlySet<string>): boolean {
  return partNumber(path) > 0 && paths.has(lineagePath(path))
}

/**
 * The tables of a version that rows were appended to, by their paths: those that say beside them where the rows came from, with
 * the CID of what they say.
 */
export async function appendedParts (bundle: Pick<DatasetBundle, 'files'>, options: AbortOptions = {}): Promise<Map<string, CID>> {
  const [tables, others] = [[] as string[], new Map<string, CID>()]
  for await (const { path, type, cid } of bundle.files('data', options)) {
    if (type !== 'file') continue
    if (partNumber(path) > 0) tables.push(path)
    else if (path.endsWith('.lineage.jsonl')) others.set(path, cid)
  }
  return new Map(tables.flatMap(path => {
    const lineage = others.get(lineagePath(path))
    return lineage === undefined ? [] : [[path, lineage] as const]
  }))
}

/**
 * Reads where the rows of a table came from, line by line in the order of the rows.
 *
 * @throws {@link InvalidProvenanceError} when a line is not what it should be, or rows are left out; `details.line` names it
 * @throws {@link LimitExceededError} when there are more lines than results may wait for one version
 */
export async function * readRowLineage (
  bundle: Pick<ExplainedDataset, 'stream'>, path: string, options: AbortOptions = {}
): AsyncGenerator<RowLineage> {
  const file = lineagePath(path)
  let [rowGroup, next] = [0, 0]
  for await (const { bytes, line } of textRecords(file, bundle.stream(file, options), 'jsonl')) {
    if (line > appendResultsMax) {
      throw new LimitExceededError(`${file} has more than ${appendResultsMax} lines`,
        { limit: 'appendResultsMax', max: appendResultsMax, actual: line, path: file })
    }
    const invalid = (problem: string, cause?: unknown): InvalidProvenanceError =>
      new InvalidProvenanceError(`Line ${line} of ${file}: ${problem}`, { path: file, line, cause })
    const found = decodeLine(bytes, invalid)
    if (line % rowLineageAtOnce === 0) await setImmediate()
    if (found.path !== path) throw invalid('it is about another table')
    if (next > 0 && found.rowGroup === rowGroup + 1) [rowGroup, next] = [rowGroup + 1, 0]
    if (found.rowGroup !== rowGroup || found.from !== next) throw invalid('its rows do not follow those of the line before')
    next = found.to
    yield found
  }
}

/** Writes where the rows of a table came from. */
export async function * writeRowLineage (lines: readonly RowLineage[]): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < lines.length; at += rowLineageAtOnce) {
    await setImmediate()
    yield toUtf8(lines.slice(at, at + rowLineageAtOnce).map(encodeRowLineage).join(''))
  }
}

function decodeLine (bytes: Uint8Array, invalid: (problem: string, cause: unknown) => InvalidProvenanceError): RowLineage {
  try {
    return decodeRowLineage(bytes)
  } catch (error) {
    throw error instanceof InvalidProvenanceError ? invalid(error.message, error) : error
  }
}
