/**
 * What nodes sign, as JSON: an object in canonical form (`canonical-json.ts`) with the fields of its format and no others, two of
 * which say which format of which version it is.
 */
import * as z from 'zod/mini'
import { DataNodeError, LimitExceededError, NewerFormatError } from '../errors.ts'
import type { ErrorDetails } from '../errors.ts'
import type { JsonObject, JsonValue } from '../interface/primitives.ts'
import { decodeCanonicalJson, encodeCanonicalJson } from './canonical-json.ts'
import { quote } from './quote.ts'
import { problemOf, text } from './schema.ts'

/** What a format is. */
export interface RecordFormatInit {
  /** What it is called in messages: "statement". */
  what: string
  /** Its fields `format` and `version`. */
  format: string
  version: string
  /** All other fields. */
  fields: Record<string, z.ZodMiniType>
  bytesMax: number
  /** Makes the error that is thrown for what is malformed. */
  invalid: (message: string, details: ErrorDetails) => DataNodeError
}

/** One format. */
export interface RecordFormat extends Omit<RecordFormatInit, 'fields'> {
  schema: z.ZodMiniType
}

/** Describes a format. */
export function recordFormat ({ fields, ...init }: RecordFormatInit): RecordFormat {
  return { ...init, schema: z.strictObject({ format: literal(init.format), version: literal(init.version), ...fields }) }
}

/** Writes a record, without the two fields that say what it is. Throws what `format.invalid` makes. */
export function encodeRecord (format: RecordFormat, fields: object): Uint8Array<ArrayBuffer> {
  const json = { format: format.format, version: format.version, ...fields }
  checkForm(format, json)
  return refuseInvalid(format, () => encodeCanonicalJson(json as unknown as JsonValue))
}

/**
 * Reads a record. Throws what `format.invalid` makes.
 *
 * @throws {@link NewerFormatError} when it was written in a newer version
 * @throws {@link LimitExceededError} when it is larger than it may be
 */
export function decodeRecord (format: RecordFormat, bytes: Uint8Array): JsonValue {
  const value = refuseInvalid(format, () => decodeCanonicalJson(bytes, { bytesMax: format.bytesMax }))
  checkVersion(format, value)
  checkForm(format, value)
  return value
}

/** A record that was written, as an object in another JSON document. */
export function recordJson (bytes: Uint8Array): JsonObject {
  return decodeCanonicalJson(bytes, { bytesMax: bytes.byteLength }) as JsonObject
}

/** Makes of an error of this library one that says what was malformed. */
export function refuseInvalid<T> ({ what, invalid }: RecordFormat, step: () => T): T {
  try {
    return step()
  } catch (error) {
    if (error instanceof DataNodeError && !(error instanceof LimitExceededError)) {
      throw invalid(`The ${what} is not valid: ${error.message}`, { cause: error })
    }
    throw error
  }
}

function literal (value: string): z.ZodMiniType {
  return text(new RegExp(`^${value}$`), `"${value}"`)
}

/** Before anything else, so that what a newer version changed is not called an error. */
function checkVersion ({ what, format, version }: RecordFormat, value: JsonValue): void {
  const written = value !== null && typeof value === 'object' && !Array.isArray(value) && value['format'] === format ? value['version'] : undefined
  if (typeof written === 'string' && /^[1-9][0-9]{0,8}(?:\.[0-9]{1,9})?$/.test(written) && written !== version) {
    throw new NewerFormatError(
      `The ${what} is of version ${quote(written)}; this library reads ${version}: a newer release of it is needed`, { version: written })
  }
}

function checkForm ({ what, schema, invalid }: RecordFormat, value: unknown): void {
  const problem = problemOf(schema, value)
  if (problem !== undefined) throw invalid(`The ${what} is not valid: ${problem}`, { problem })
}
