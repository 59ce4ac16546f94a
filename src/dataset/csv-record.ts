import { InvalidTableError } from '../errors.ts'
import { fromUtf8 } from '../format/utf8.ts'
import { tableColumnsMax } from '../limits.ts'
import { tooManyColumns } from './parquet-schema.ts'
import type { TextRecord } from './text-records.ts'

/**
 * Reads one record of CSV: fields between commas, those with commas, quotes or ends of lines between quotes, in which a quote is
 * written twice (RFC 4180). In a file whose name ends with `.tsv` fields are between tabs.
 *
 * @throws {@link InvalidTableError} when it is not UTF-8, or a quote is out of place; `details.line` names it
 * @throws {@link LimitExceededError} when it has more fields than a table has columns
 */
export function parseCsvRecord (path: string, { bytes, line }: Pick<TextRecord, 'bytes' | 'line'>): string[] {
  const text = fromUtf8(bytes)
  if (text === undefined) throw invalidLine(path, line, 'is not UTF-8')
  const comma = path.toLowerCase().endsWith('.tsv') ? '\t' : ','
  if (!text.includes('"')) return checkCount(text.split(comma, tableColumnsMax + 1))
  const fields: string[] = []
  for (let at = 0; at <= text.length;) {
    const isQuoted: boolean = text[at] === '"'
    const end: number | undefined = isQuoted ? endOfQuoted(text, at) : endOfPlain(text, at, comma)
    const isWhole = end !== undefined && (end === text.length || text[end] === comma)
    if (!isWhole) throw invalidLine(path, line, `has a quotation mark out of place in field ${fields.length + 1}`)
    fields.push(isQuoted ? text.slice(at + 1, end - 1).replaceAll('""', '"') : text.slice(at, end))
    checkCount(fields)
    at = end + 1
  }
  return fields
}

/** An error about one line of a file. */
export function invalidLine (path: string, line: number, problem: string, cause?: unknown): InvalidTableError {
  return new InvalidTableError(`Line ${line} of ${path} ${problem}`, { path, line, cause })
}

/** Where a field between quotes ends: behind the second of them. */
function endOfQuoted (text: string, start: number): number | undefined {
  for (let at = text.indexOf('"', start + 1); at !== -1; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at + 1
  }
  return undefined
}

function endOfPlain (text: string, start: number, comma: string): number | undefined {
  const next = text.indexOf(comma, start)
  const end = next === -1 ? text.length : next
  return text.slice(start, end).includes('"') ? undefined : end
}

function checkCount (fields: string[]): string[] {
  if (fields.length > tableColumnsMax) throw tooManyColumns(fields.length)
  return fields
}
