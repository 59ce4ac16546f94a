import { checkJsonDepth } from '../format/json-value.ts'
import { quote } from '../format/quote.ts'
import { fromUtf8 } from '../format/utf8.ts'
import { jsonDepthMax, tableColumnsMax } from '../limits.ts'
import { invalidLine, parseCsvRecord } from './csv-record.ts'
import { tooManyColumns } from './parquet-schema.ts'
import { textRecords } from './text-records.ts'
import type { TextRecord } from './text-records.ts'
import type { TableSource } from './table-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { TableFormat, TableRow } from '../interface/table.ts'

/** What a line has in which a whole number is too large. */
const largeIntegerPattern = /\d{16}/

/** A row, and what stands for it in its file. */
export interface TextRow extends TextRecord {
  row: TableRow
}

/** How to read rows of text. */
export interface TextRowsOptions extends AbortOptions {
  /** Called with the names of the columns of a CSV, and with the record that has them, before the first row. */
  onHeader?: (names: readonly string[], text: string) => void
}

/**
 * Reads the rows of JSON Lines or CSV in their order, one in memory at a time. A CSV without rows has a header.
 *
 * @throws {@link InvalidTableError} when a line is not a row; `details.line` names it
 * @throws {@link LimitExceededError} when a row has more bytes, columns or depth than is read
 */
export async function * readTextRows (
  source: Pick<TableSource, 'path' | 'stream'>, format: Exclude<TableFormat, 'parquet'>,
  { onHeader = () => {}, ...options }: TextRowsOptions = {}
): AsyncGenerator<TextRow> {
  const { path } = source
  let header: readonly string[] | undefined
  for await (const record of textRecords(path, source.stream(options), format)) {
    if (format === 'jsonl') {
      yield { ...record, row: parseJsonLine(path, record) }
    } else if (header === undefined) {
      header = checkHeader(path, parseCsvRecord(path, record))
      onHeader(header, new TextDecoder('utf-8', { ignoreBOM: true }).decode(record.bytes))
    } else {
      yield { ...record, row: csvRow(path, record, header) }
    }
  }
  if (format === 'csv' && header === undefined) throw invalidLine(path, 1, 'has no header: the file is empty')
}

function parseJsonLine (path: string, { bytes, line }: TextRecord): TableRow {
  const text = fromUtf8(bytes)
  if (text === undefined) throw invalidLine(path, line, 'is not UTF-8')
  checkJsonDepth(bytes, jsonDepthMax)
  let value: unknown
  try {
    value = largeIntegerPattern.test(text) ? JSON.parse(text, exactly) : JSON.parse(text)
  } catch (cause) {
    throw invalidLine(path, line, text.startsWith('\ufeff') ? 'begins with a byte order mark, which JSON has not' : 'is not JSON', cause)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidLine(path, line, 'is not a JSON object')
  return value as TableRow
}

/** Whole numbers that a number of JavaScript may not hold are bigints, as those of Parquet are. */
function exactly (_name: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value
  const { source = '' } = context ?? {}
  return /^-?\d+$/.test(source) ? BigInt(source) : value
}

function csvRow (path: string, record: TextRecord, header: readonly string[]): TableRow {
  const fields = parseCsvRecord(path, record)
  if (fields.length !== header.length) {
    throw invalidLine(path, record.line, `has ${fields.length} fields, and the header ${header.length}`)
  }
  return Object.fromEntries(header.map((name, at) => [name, fields[at] ?? '']))
}

function checkHeader (path: string, names: string[]): string[] {
  if (names.length > tableColumnsMax) throw tooManyColumns(names.length)
  const seen = new Set<string>()
  for (const name of names) {
    if (name === '' || name === '__proto__') throw invalidLine(path, 1, `names a column ${quote(name)}`)
    if (seen.has(name)) throw invalidLine(path, 1, `has two columns named ${quote(name)}`)
    seen.add(name)
  }
  return names
}
