/**
 * JSON in its one canonical form, RFC 8785 (JSON Canonicalization Scheme): UTF-8 without a byte order mark, no space
 * between tokens, members sorted by the UTF-16 code units of their names, numbers as ECMAScript prints doubles, strings
 * with the shortest escapes.
 *
 * Bytes are accepted only when they are equal to the canonical form of what they say. This refuses duplicate names, other
 * spacing, other spellings of numbers and strings, and numbers that a double cannot hold. Beyond RFC 8785 there are no
 * members named `__proto__`, and objects and arrays are nested at most 64 deep. A lone surrogate, escaped or not, is
 * never part of a string.
 */
import canonicalize from 'canonicalize'
import { InvalidManifestError, LimitExceededError } from '../errors.ts'
import { jsonDepthMax } from '../limits.ts'
import type { JsonValue } from '../interface/primitives.ts'
import { checkBytes, checkObject } from './argument.ts'
import { checkJsonDepth, checkJsonValue } from './json-value.ts'

/** Bounds on JSON from outside, checked before it is parsed. */
export interface DecodeJsonOptions {
  bytesMax: number
  /** Objects and arrays inside each other; 64 when absent. */
  depthMax?: number
}

/**
 * Writes a value in its canonical form.
 *
 * @throws {@link InvalidManifestError} when JSON cannot hold it as it is: undefined, functions, bigints, instances of
 *   classes, numbers that are not finite, lone surrogates, members named `__proto__`, cycles
 * @throws {@link LimitExceededError} when it is nested more than 64 deep
 */
export function encodeCanonicalJson (value: JsonValue): Uint8Array<ArrayBuffer> {
  checkJsonValue(value, jsonDepthMax)
  try {
    return new TextEncoder().encode(canonicalize(value))
  } catch (cause) {
    throw new InvalidManifestError('The value cannot be written as JSON', { cause })
  }
}

/**
 * Reads a value, and refuses every form of it but the canonical one.
 *
 * @throws {@link InvalidArgumentError} when they are no bytes
 * @throws {@link LimitExceededError} when there are too many bytes, or when they are nested too deep
 * @throws {@link InvalidManifestError} when the bytes are not JSON in canonical form
 */
export function decodeCanonicalJson (bytes: Uint8Array, options: DecodeJsonOptions): JsonValue {
  checkBytes(bytes, 'JSON')
  checkObject(options, 'options')
  const { bytesMax, depthMax = jsonDepthMax } = options
  if (bytes.byteLength > bytesMax) {
    throw new LimitExceededError(`${bytes.byteLength} bytes of JSON are more than the ${bytesMax} that are accepted`,
      { limit: 'bytesMax', max: bytesMax, actual: bytes.byteLength })
  }
  checkJsonDepth(bytes, depthMax)
  const value = parse(bytes)
  const canonical = encodeCanonicalJson(value)
  const difference = firstDifference(bytes, canonical)
  if (difference !== undefined) {
    throw new InvalidManifestError(`The JSON is not in its canonical form (RFC 8785): it differs at byte ${difference}`, { byte: difference })
  }
  return value
}

function parse (bytes: Uint8Array): JsonValue {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new InvalidManifestError(`The ${bytes.byteLength} bytes are not ${cause instanceof SyntaxError ? 'JSON' : 'UTF-8'}`, { cause })
  }
}

function firstDifference (a: Uint8Array, b: Uint8Array): number | undefined {
  const length = Math.max(a.byteLength, b.byteLength)
  for (let index = 0; index < length; index++) {
    if (a[index] !== b[index]) {
      return index
    }
  }
  return undefined
}
