import { StoppedError } from './errors.ts'
import type { AbortOptions } from './interface/primitives.ts'

/** The running calls of a node: ended together when it stops, and waited for. */
export class Jobs {
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Runs a call under a signal that also ends when the node stops.
   *
   * @throws {@link StoppedError} when the node was stopped
   */
  async run<O extends AbortOptions, T> (options: O, call: (options: O & { signal: AbortSignal }) => Promise<T>): Promise<T> {
    const stopped = this.#controller.signal
    stopped.throwIfAborted()
    const signal = options.signal === undefined ? stopped : AbortSignal.any([stopped, options.signal])
    signal.throwIfAborted()
    const running = call({ ...options, signal })
    this.#running.add(running)
    try {
      return await running
    } finally {
      this.#running.delete(running)
    }
  }

  /** Ends every running call with a {@link StoppedError}; resolves when they have ended, or after `timeoutMs`. */
  async stop (timeoutMs: number): Promise<void> {
    this.#controller.abort(new StoppedError('the data node was stopped'))
    const timeout = new Promise<void>(resolve => { setTimeout(resolve, timeoutMs).unref() })
    await Promise.race([Promise.allSettled(this.#running), timeout])
  }
}
