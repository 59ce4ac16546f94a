import { InvalidArgumentError } from '../errors.ts'
import { concat } from '../format/protobuf.ts'
import { quote } from '../format/quote.ts'
import { describedColumnsMax, inferBytesMax } from '../limits.ts'
import { extensionOf } from './media-type.ts'
import type { DescribedField, DescribedTable, DescribeTable } from './described-table.ts'

/**
 * Infers the columns of JSON Lines, CSV and tab-separated files from their beginning. Rows are not counted.
 *
 * @throws {@link InvalidArgumentError} when the first line that is read of a JSON Lines file is not JSON
 */
export const inferTable: DescribeTable = async (file, content, options) => {
  const separator = separators[extensionOf(file.path)]
  if (separator === undefined) return undefined
  const pieces: Uint8Array[] = []
  for await (const piece of content.read(file, { ...options, length: inferBytesMax })) pieces.push(piece.slice())
  const text = new TextDecoder().decode(concat(pieces))
  const lines = text.split(/\r?\n/)
  // What is cut off says nothing.
  if (file.bytes > BigInt(inferBytesMax)) lines.pop()
  const filled = lines.filter(line => line !== '')
  return separator === 'json' ? fromJsonLines(file.path, filled) : fromSeparated(filled, separator)
}

const separators: Readonly<Record<string, ',' | '\t' | 'json'>> = { csv: ',', tsv: '\t', jsonl: 'json', ndjson: 'json' }

function fromJsonLines (path: string, lines: readonly string[]): DescribedTable | undefined {
  /** Undefined while a column had no value. */
  const types = new Map<string, DescribedField['type'] | undefined>()
  for (const [index, line] of lines.entries()) {
    const row = parseLine(path, line, index)
    if (typeof row !== 'object' || row === null || Array.isArray(row)) return undefined
    for (const [name, value] of Object.entries(row)) {
      types.set(name, value === null ? types.get(name) : joined(types.get(name), typeOf(value)))
      if (types.size > describedColumnsMax) return undefined
    }
  }
  return types.size === 0 ? undefined : { fields: Array.from(types, ([name, type]) => ({ name, type: type ?? 'sc:Text' })) }
}

function parseLine (path: string, line: string, index: number): unknown {
  try {
    return JSON.parse(line) as unknown
  } catch (cause) {
    throw new InvalidArgumentError(`Line ${index + 1} of ${quote(path)} is not JSON, and every line of JSON Lines is: mend it, or name the file otherwise`,
      { path, line: index + 1, cause })
  }
}

function typeOf (value: unknown): DescribedField['type'] {
  if (typeof value === 'string') return 'sc:Text'
  if (typeof value === 'boolean') return 'sc:Boolean'
  if (typeof value === 'number') return Number.isInteger(value) ? 'sc:Integer' : 'sc:Float'
  return 'sc:StructuredValue'
}

function fromSeparated ([header, ...rows]: readonly string[], separator: ',' | '\t'): DescribedTable | undefined {
  if (header === undefined) return undefined
  const names = cellsOf(header.replace(/^\uFEFF/, ''), separator)
  if (names.length > describedColumnsMax || new Set(names).size !== names.length || names.includes('')) return undefined
  const types = names.map((): DescribedField['type'] | undefined => undefined)
  for (const row of rows) {
    const cells = cellsOf(row, separator)
    for (const [column, cell] of cells.entries()) {
      if (cell !== '' && column < types.length) types[column] = joined(types[column], typeOfCell(cell))
    }
  }
  return { fields: names.map((name, column) => ({ name, type: types[column] ?? 'sc:Text' })) }
}

function cellsOf (line: string, separator: ',' | '\t'): string[] {
  if (!line.includes('"')) return line.split(separator)
  const cells: string[] = []
  const pattern = separator === ',' ? /(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/gy : /(?:^|\t)(?:"((?:[^"]|"")*)"|([^\t]*))/gy
  for (const [, quoted, plain] of line.matchAll(pattern)) cells.push(quoted?.replaceAll('""', '"') ?? plain ?? '')
  return cells
}

function typeOfCell (cell: string): DescribedField['type'] {
  if (/^-?(?:0|[1-9][0-9]{0,14})$/.test(cell)) return 'sc:Integer'
  if (/^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/.test(cell)) return 'sc:Float'
  if (/^(?:true|false)$/i.test(cell)) return 'sc:Boolean'
  return /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(cell) ? 'sc:Date' : 'sc:Text'
}

function joined (before: DescribedField['type'] | undefined, type: DescribedField['type']): DescribedField['type'] {
  if (before === undefined || before === type) return type
  const isNumber = [before, type].every(one => one === 'sc:Integer' || one === 'sc:Float')
  return isNumber ? 'sc:Float' : before === 'sc:StructuredValue' || type === 'sc:StructuredValue' ? 'sc:StructuredValue' : 'sc:Text'
}
