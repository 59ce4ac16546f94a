import type { AbortOptions } from '../interface/primitives.ts'

/** Does a call of the host, and ends it when the node stops. */
export type RunCall = <O extends AbortOptions, T>(options: O, call: (options: O & RunOptions) => Promise<T>) => Promise<T>

/** What it is done with. */
export interface RunOptions extends AbortOptions {
  /** Ends when the node stops, too. */
  signal: AbortSignal
}
