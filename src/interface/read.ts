import type { AbortOptions } from './primitives.ts'

/** Which bytes of a file to read. */
export interface ReadOptions extends AbortOptions {
  /** First byte, from 0. */
  offset?: number
  /** How many bytes at most. */
  length?: number
}
