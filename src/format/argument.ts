/**
 * What a host gives, checked where it comes in: programs in plain JavaScript give anything, and are told by name what is
 * wrong with it.
 */
import { InvalidArgumentError } from '../errors.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ProgressOptions } from '../interface/progress.ts'
import { quote } from './quote.ts'

/** Bounds of a number. */
export interface NumberBounds {
  min: number
  max: number
}

/** An error that says what an argument has to be and what it is. `expected` completes "must be …". */
export function invalidArgument (name: string, expected: string, value: unknown): InvalidArgumentError {
  return new InvalidArgumentError(`${name} must be ${expected}, and is ${describeValue(value)}`, { argument: name, value })
}

/** Any value as a few words for a message. */
export function describeValue (value: unknown): string {
  switch (typeof value) {
    case 'string': return quote(value)
    case 'bigint': return `the bigint ${quote(value.toString()).slice(1, -1)}`
    case 'symbol':
    case 'function': return `a ${typeof value}`
    case 'object': return describeObject(value)
    default: return String(value)
  }
}

/** @throws {@link InvalidArgumentError} when the value is not an object, or an array */
export function checkObject (value: unknown, name: string): asserts value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalidArgument(name, 'an object', value)
}

/** @throws {@link InvalidArgumentError} when the value is neither undefined nor of this type */
export function checkOptional (value: unknown, name: string, type: 'boolean' | 'function' | 'string'): void {
  if (value !== undefined && typeof value !== type) throw invalidArgument(name, `a ${type}`, value)
}

/** @throws {@link InvalidArgumentError} when the value is neither undefined nor a whole number within its bounds */
export function checkNumber (value: unknown, name: string, { min, max }: NumberBounds): void {
  if (value === undefined || (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max)) return
  throw invalidArgument(name, `a whole number from ${min} to ${max}`, value)
}

/** @throws {@link InvalidArgumentError} when the value is not an array of text */
export function checkTexts (value: unknown, name: string): asserts value is readonly string[] {
  if (!Array.isArray(value)) throw invalidArgument(name, 'an array of text', value)
  // Not `forEach`, which passes over holes.
  for (const [index, item] of (value as unknown[]).entries()) {
    if (typeof item !== 'string') throw invalidArgument(`${name}[${index}]`, 'text', item)
  }
}

/** @throws {@link InvalidArgumentError} when the value is not bytes */
export function checkBytes (value: unknown, name: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) throw invalidArgument(name, 'a Uint8Array', value)
}

/**
 * Checks what every call takes as its options.
 *
 * @throws {@link InvalidArgumentError} when they are no object, or `signal` or `onProgress` is not what its name says
 */
export function checkOptions (options: unknown): asserts options is AbortOptions & ProgressOptions {
  checkObject(options, 'options')
  const { signal, onProgress } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) throw invalidArgument('signal', 'an AbortSignal', signal)
  checkOptional(onProgress, 'onProgress', 'function')
}

function describeObject (value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return `an object (${Object.prototype.toString.call(value).slice('[object '.length, -1)})`
}
