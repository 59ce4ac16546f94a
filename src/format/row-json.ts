/**
 * A row of a table as JSON in its one canonical form (RFC 8785): an object with all columns of the table by their names.
 *
 * | value | JSON |
 * |---|---|
 * | truth, text, nothing | as they are |
 * | numbers | numbers; those that JSON does not have are "NaN", "Infinity" and "-Infinity" |
 * | whole numbers of 64 bits | decimal text |
 * | days and moments | RFC 3339 in UTC to the millisecond: "2026-01-31T00:00:00.000Z" |
 * | bytes | base64 with padding |
 * | lists, structures | arrays and objects of the same |
 */
import { InvalidManifestError, InvalidTableError } from '../errors.ts'
import type { JsonValue } from '../interface/primitives.ts'
import type { TableRow } from '../interface/table.ts'
import { toBase64 } from './base64.ts'
import { encodeCanonicalJson } from './canonical-json.ts'

/**
 * Writes a row.
 *
 * @throws {@link InvalidTableError} when it holds what a table cannot
 * @throws {@link LimitExceededError} when it is nested more than 64 deep
 */
export function encodeRowJson (row: TableRow): Uint8Array<ArrayBuffer> {
  const json = toJson(row, 0)
  try {
    return encodeCanonicalJson(json)
  } catch (cause) {
    if (!(cause instanceof InvalidManifestError)) throw cause
    throw new InvalidTableError(`A row has what JSON cannot hold, such as half of a character: ${cause.message}`, { cause })
  }
}

/** Deeper than any row may be, so that what encodes it says so. */
const depthMax = 100

function toJson (value: unknown, depth: number): JsonValue {
  switch (typeof value) {
    case 'string':
    case 'boolean': return value
    case 'number': return Number.isFinite(value) ? value : String(value)
    case 'bigint': return value.toString()
    case 'object': return objectToJson(value, depth)
    default: throw new InvalidTableError(`A row has a value of type ${typeof value}`)
  }
}

function objectToJson (value: object | null, depth: number): JsonValue {
  if (value === null || depth > depthMax) return null
  if (value instanceof Uint8Array) return toBase64(value)
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? null : value.toISOString()
  if (Array.isArray(value)) return value.map(item => toJson(item, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJson(item, depth + 1)]))
}
