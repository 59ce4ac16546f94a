import type { AbortOptions } from '../interface/primitives.ts'

/** So many may be in at once; the others wait in the order in which they came. */
export class Places {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor (count: number) {
    this.#free = count
  }

  /** True while somebody waits. */
  get isAwaited (): boolean {
    return this.#waiting.size > 0
  }

  /**
   * Resolves when there is a place, to what gives it back when it is disposed of.
   *
   * Rejects with the signal's reason when that is aborted before.
   */
  async take ({ signal }: AbortOptions = {}): Promise<Disposable> {
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    let isTaken = true
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#giveBack()
        isTaken = false
      }
    }
  }

  async #wait (signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const enter = (): void => { resolve(undefined) }
    const onAbort = (): void => {
      if (this.#waiting.delete(enter)) reject(signal?.reason)
    }
    this.#waiting.add(enter)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
  }

  #giveBack (): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}
