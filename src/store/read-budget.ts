import type { AbortOptions } from '../interface/primitives.ts'
import { timerMsMax } from '../limits.ts'

/** The passing of time. */
export interface BudgetComponents {
  /** Milliseconds from any start, never going back. */
  now: () => number
  /** Resolves after so many milliseconds. Rejects with the signal's reason. */
  wait: (ms: number, options: AbortOptions) => Promise<void>
}

/** How fast may be read: so many bytes each second, of which those of one second can be saved up. */
export class ReadBudget {
  readonly #bytesPerSecond: number
  readonly #components: BudgetComponents
  #bytes: number
  #at: number

  constructor (bytesPerSecond: number, components: BudgetComponents) {
    this.#bytesPerSecond = bytesPerSecond
    this.#components = components
    this.#bytes = bytesPerSecond
    this.#at = components.now()
  }

  /** Resolves when so many bytes may be read. More than those of a second are paid for afterwards, by whoever comes next. */
  async take (bytes: number, options: AbortOptions = {}): Promise<void> {
    options.signal?.throwIfAborted()
    for (let missing = this.#missing(); missing > 0; missing = this.#missing()) {
      await this.#components.wait(Math.min(Math.ceil(missing / this.#bytesPerSecond * 1000), timerMsMax), options)
    }
    this.#bytes -= bytes
  }

  /** Bytes that have to come before anything may be read. */
  #missing (): number {
    const now = this.#components.now()
    const come = Math.max(now - this.#at, 0) / 1000 * this.#bytesPerSecond
    this.#bytes = Math.min(this.#bytes + come, this.#bytesPerSecond)
    this.#at = now
    return this.#bytes < 0 ? -this.#bytes : 0
  }
}

/** Waits on the clock of this process. Unless it is `kept`, the process does not stay alive for it. */
export async function wait (ms: number, { signal }: AbortOptions, { kept = true }: { kept?: boolean } = {}): Promise<void> {
  signal?.throwIfAborted()
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const onAbort = (): void => { reject(signal?.reason) }
  const timer = setTimeout(resolve, ms, undefined)
  if (!kept) timer.unref()
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await promise
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', onAbort)
  }
}
