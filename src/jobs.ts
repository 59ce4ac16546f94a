import { StoppedError } from './errors.ts'
import { checkOptions } from './format/argument.ts'
import { within } from './network/within.ts'
import type { AbortOptions } from './interface/primitives.ts'

/** The running calls of a node: ended together when it stops, and waited for. */
export class Jobs {
  readonly #controller = new AbortController()
  readonly #running = new Set<Promise<unknown>>()

  /**
   * Runs a call under a signal that also ends when the node stops.
   *
   * @throws {@link StoppedError} when the node was stopped
   * @throws {@link InvalidArgumentError} when the options are no object, or their signal is none
   */
  async run<O extends AbortOptions, T> (options: O, call: (options: O & { signal: AbortSignal }) => Promise<T>): Promise<T> {
    this.throwIfStopped()
    checkOptions(options)
    const stopped = this.#controller.signal
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

  /** @throws {@link StoppedError} when the node was stopped */
  throwIfStopped (): void {
    this.#controller.signal.throwIfAborted()
  }

  /** Ends every running call with a {@link StoppedError}; resolves when they have ended, or after `timeoutMs`. */
  async stop (timeoutMs: number): Promise<void> {
    this.#controller.abort(new StoppedError('the data node was stopped'))
    await within(timeoutMs, Promise.allSettled(this.#running))
  }
}
