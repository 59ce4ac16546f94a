import { InvalidArgumentError } from '../errors.ts'
import { checkObject, checkOptional, invalidArgument } from '../format/argument.ts'
import { checkJsonValue } from '../format/json-value.ts'
import { quote } from '../format/quote.ts'
import { jsonDepthMax, tableColumnsMax } from '../limits.ts'
import type { AppendColumn } from '../interface/append.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { TableRow, TableValue } from '../interface/table.ts'

const types: readonly AppendColumn['type'][] =
  ['sc:Boolean', 'sc:Integer', 'sc:Float', 'sc:Text', 'sc:DateTime', 'sc:StructuredValue']

const integerMax = 2n ** 63n

/** @throws {@link InvalidArgumentError} when they are not columns with names of their own */
export function checkAppendColumns (columns: unknown): asserts columns is readonly AppendColumn[] {
  if (!Array.isArray(columns) || columns.length === 0 || columns.length > tableColumnsMax) {
    throw invalidArgument('columns', `an array of 1 to ${tableColumnsMax}`, columns)
  }
  const names = new Set<unknown>()
  for (const [at, column] of (columns as unknown[]).entries()) {
    checkObject(column, `columns[${at}]`)
    const { name, type, nullable } = column
    if (typeof name !== 'string' || name === '' || name === '__proto__') throw invalidArgument(`columns[${at}].name`, 'text', name)
    if (names.has(name)) throw invalidArgument(`columns[${at}].name`, 'another one than that of each other column', name)
    if (!types.some(known => known === type)) throw invalidArgument(`columns[${at}].type`, types.join(', '), type)
    checkOptional(nullable, `columns[${at}].nullable`, 'boolean')
    names.add(name)
  }
}

/** True when rows of the one are rows of the other. */
export function sameColumns (a: readonly AppendColumn[], b: readonly AppendColumn[]): boolean {
  const form = (columns: readonly AppendColumn[]): string =>
    JSON.stringify(columns.map(({ name, type, nullable }) => [name, type, nullable === true]))
  return form(a) === form(b)
}

/**
 * A row as it is kept on disk: its values in the order of the columns, in JSON.
 *
 * @throws {@link InvalidArgumentError} when it has other columns, or values that a column does not take
 */
export function encodeAppendRow (columns: readonly AppendColumn[], row: TableRow, at: number): JsonValue[] {
  checkObject(row, `rows[${at}]`)
  const unknown = Object.keys(row).find(name => !columns.some(column => column.name === name))
  if (unknown !== undefined) throw new InvalidArgumentError(`rows[${at}] has the column ${quote(unknown)}, which the dataset has not`)
  return columns.map(column => {
    const value: TableValue | undefined = row[column.name]
    if (value === undefined || value === null) {
      if (column.nullable === true) return null
      throw invalidArgument(`${column.name} of rows[${at}]`, 'a value, for the column is not nullable', value)
    }
    return encodeValue(column, value, at)
  })
}

/** The values of a column, from rows as they are kept. */
export function decodeAppendColumn ({ type }: AppendColumn, values: readonly JsonValue[]): unknown[] {
  switch (type) {
    case 'sc:Integer': return values.map(value => typeof value === 'string' ? BigInt(value) : null)
    case 'sc:Float': return values.map(value => value === null ? null : Number(value))
    case 'sc:DateTime': return values.map(value => value === null ? null : new Date(Number(value)))
    default: return [...values]
  }
}

function encodeValue ({ name, type }: AppendColumn, value: TableValue, at: number): JsonValue {
  const wrong = (expected: string): InvalidArgumentError => invalidArgument(`${name} of rows[${at}]`, expected, value)
  switch (type) {
    case 'sc:Boolean':
      if (typeof value === 'boolean') return value
      throw wrong('true or false')
    case 'sc:Text':
      if (typeof value === 'string' && value.isWellFormed()) return value
      throw wrong('text')
    case 'sc:Float':
      if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? value : numberText(value)
      throw wrong('a number')
    case 'sc:Integer': {
      const integer = Number.isSafeInteger(value) ? BigInt(Number(value)) : value
      if (typeof integer === 'bigint' && integer < integerMax && integer >= -integerMax) return integer.toString()
      throw wrong('a whole number of 64 bits')
    }
    case 'sc:DateTime':
      if (value instanceof Date && !Number.isNaN(value.getTime())) return value.getTime()
      throw wrong('a valid Date')
    case 'sc:StructuredValue':
      checkJsonValue(value, jsonDepthMax)
      return value as JsonValue
  }
}

function numberText (value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}
