import { checkObject, invalidArgument } from '../format/argument.ts'
import { quote } from '../format/quote.ts'
import type { Comparable, ColumnCondition, RowFilter, TableRow, TableValue } from '../interface/table.ts'

/** A filter that was checked: what each column has to be. */
export type CheckedFilter = readonly (readonly [column: string, condition: ColumnCondition])[]

/** What is known of all values of a column in a row group. */
export interface ColumnBounds {
  min: unknown
  max: unknown
  /** How many are null, where that is known. */
  nulls: number | undefined
  values: number
}

const operators = ['eq', 'ne', 'gt', 'gte', 'lt', 'lte', 'in']

/** @throws {@link InvalidArgumentError} when it is not a filter of these columns */
export function checkFilter (where: RowFilter | undefined, columns: readonly string[]): CheckedFilter {
  if (where === undefined) return []
  checkObject(where, 'where')
  return Object.entries(where).map(([column, condition]) => {
    if (!columns.includes(column)) {
      throw invalidArgument('where', `of columns that the table has (${columns.slice(0, 20).join(', ')})`, column)
    }
    return [column, checkCondition(column, condition)] as const
  })
}

/** True when a row is one of those that are meant. */
export function matchesFilter (row: TableRow, filter: CheckedFilter): boolean {
  return filter.every(([column, condition]) => matches(row[column] ?? null, condition))
}

/** True when no value within these bounds can be one of those that are meant. */
export function excludes (
  { min, max, nulls, values }: ColumnBounds, { eq, gt, gte, lt, lte, in: among }: ColumnCondition
): boolean {
  const isOutside = (value: Comparable): boolean => value === null
    ? nulls === 0
    : nulls === values || isBefore(value, min) || isBefore(max, value)
  if (eq !== undefined && isOutside(eq)) return true
  if (among?.every(isOutside) === true) return true
  if (gt !== undefined && (isBefore(max, gt) || isEqual(max, gt))) return true
  if (gte !== undefined && isBefore(max, gte)) return true
  if (lt !== undefined && (isBefore(lt, min) || isEqual(lt, min))) return true
  return lte !== undefined && isBefore(lte, min)
}

/** Text by its code points, as UTF-8 is sorted: negative when `a` comes first, 0 when they are equal. */
export function compareText (a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let at = 0; at < length; at++) {
    const [left, right] = [a.charCodeAt(at), b.charCodeAt(at)]
    if (left !== right) return orderOf(left) - orderOf(right)
  }
  return a.length - b.length
}

/** Halves of characters beyond the first plane come after everything in it. */
function orderOf (unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

function matches (value: TableValue, { eq, ne, gt, gte, lt, lte, in: among }: ColumnCondition): boolean {
  if (eq !== undefined && !isEqual(value, eq)) return false
  if (ne !== undefined && isEqual(value, ne)) return false
  if (gt !== undefined && !isBefore(gt, value)) return false
  if (gte !== undefined && !isBefore(gte, value) && !isEqual(value, gte)) return false
  if (lt !== undefined && !isBefore(value, lt)) return false
  if (lte !== undefined && !isBefore(value, lte) && !isEqual(value, lte)) return false
  return among === undefined || among.some(candidate => isEqual(value, candidate))
}

function isEqual (a: unknown, b: unknown): boolean {
  return a === null || b === null ? a === b : compare(a, b) === 0
}

function isBefore (a: unknown, b: unknown): boolean {
  const order = compare(a, b)
  return order !== undefined && order < 0
}

/** Undefined when the two cannot be compared: then nothing holds of them. */
function compare (a: unknown, b: unknown): number | undefined {
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  const [left, right] = [asNumber(a, b), asNumber(b, a)]
  if (left === undefined || right === undefined) return undefined
  return left < right ? -1 : left > right ? 1 : Number(left) === Number(right) ? 0 : undefined
}

/** Text is a number beside a number; a date, or a boolean, only beside another. */
function asNumber (value: unknown, other: unknown): number | bigint | undefined {
  if (typeof value === 'bigint') return isNumeric(other) ? value : undefined
  if (typeof value === 'number') return isNumeric(other) ? value : undefined
  if (typeof value === 'boolean') return typeof other === 'boolean' ? Number(value) : undefined
  if (value instanceof Date) return other instanceof Date ? value.getTime() : undefined
  const isNumber = typeof value === 'string' && value.trim() !== '' && (typeof other === 'number' || typeof other === 'bigint')
  return isNumber && !Number.isNaN(Number(value)) ? Number(value) : undefined
}

function isNumeric (value: unknown): boolean {
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'string'
}

function checkCondition (column: string, condition: unknown): ColumnCondition {
  if (isComparable(condition)) return { eq: condition }
  const field = `where[${quote(column)}]`
  checkObject(condition, field)
  for (const [operator, value] of Object.entries(condition)) {
    if (!operators.includes(operator)) throw invalidArgument(field, `made of ${operators.join(', ')}`, operator)
    const isValid = operator === 'in' ? Array.isArray(value) && value.every(isComparable) : isComparable(value)
    if (!isValid) throw invalidArgument(`${field}.${operator}`, operator === 'in' ? 'an array of values' : 'a value', value)
  }
  return condition
}

function isComparable (value: unknown): value is Comparable {
  return value === null || value instanceof Date || ['string', 'number', 'bigint', 'boolean'].includes(typeof value)
}
