import { untilAborted } from '../format/until-aborted.ts'

/** Work that several callers wait for, each with a signal of its own. It is aborted when the last of them is gone. */
export class SharedWork<T> {
  readonly #abort = new AbortController()
  readonly #result: Promise<T>
  #waiting = 0

  constructor (work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#abort.signal)
    this.#result.catch(() => {})
  }

  /** True when nobody waits any more, and it was aborted for it. */
  get isAborted (): boolean {
    return this.#abort.signal.aborted
  }

  /** Resolves when the work has ended, well or not. */
  get ended (): Promise<void> {
    return this.#result.then(() => {}, () => {})
  }

  /** Waits for the result. Rejects with the signal's own reason when that is aborted first. */
  async join (signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted()
    this.#waiting++
    try {
      return await untilAborted(this.#result, signal)
    } finally {
      if (--this.#waiting === 0) this.#abort.abort(signal?.reason)
    }
  }
}
