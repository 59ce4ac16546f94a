import { readFileSync } from 'node:fs'
import { DataNodeError } from '../../src/errors.ts'

/** Reads a file of test vectors. */
export function readVectors (name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../vectors/${name}.json`, import.meta.url), 'utf8')) as unknown
}

/** An element that has to be there. */
export function at<T> (list: readonly T[], index: number): T {
  const element = list.at(index)
  if (element === undefined) {
    throw new Error(`There is no element ${index}`)
  }
  return element
}

/** The error that a call throws. */
export function errorOf (call: () => unknown): DataNodeError {
  try {
    call()
  } catch (error) {
    if (error instanceof DataNodeError) {
      return error
    }
    throw new Error(`Not an error of this library: ${String(error)}`, { cause: error })
  }
  throw new Error('Nothing was thrown')
}

/** One change to an encoding: a byte flipped, put in or taken out. */
export interface Mutation {
  kind: 'flip' | 'insert' | 'delete'
  at: number
  byte: number
}

/** Applies changes one after another. */
export function mutate (bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  const changed = [...bytes]
  for (const { kind, at, byte } of mutations) {
    const index = at % (changed.length + 1)
    if (kind === 'insert') {
      changed.splice(index, 0, byte)
    } else if (kind === 'delete') {
      changed.splice(index, 1)
    } else if (index < changed.length) {
      changed[index] = (changed[index] ?? 0) ^ byte
    }
  }
  return Uint8Array.from(changed)
}

/** The bytes that a decoder accepts, encoded again; undefined where it refuses them as it should. */
export function again<T> (
  bytes: Uint8Array, decode: (bytes: Uint8Array) => T, encode: (value: T) => Uint8Array
): Uint8Array | undefined {
  let value: T
  try {
    value = decode(bytes)
  } catch (error) {
    if (error instanceof DataNodeError) {
      return undefined
    }
    throw error
  }
  return encode(value)
}
