import { untilAborted } from '../format/until-aborted.ts'

/** Work that several callers wait for, each with a signal of its own. It is aborted when the last of them is gone. */
export class SharedWork<T> {
  readonly #abort = new AbortController()
  readonly #result: Promise<T>
  #waiting = 0
  #hasEnded = false

  constructor (work: (signal: AbortSignal) => Promise<T>) {
    this.#result = work(this.#abort.signal)
    const onEnd = (): void => { this.#hasEnded = true }
    this.#result.then(onEnd, onEnd)
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
      if (--this.#waiting === 0 && !this.#hasEnded) this.#abort.abort(signal?.reason)
    }
  }
}

/** Work by key: those who want the same at the same time share it. */
export class SharedWorks<T> {
  readonly #running = new Map<string, SharedWork<T>>()

  /** What runs for a key, unless nobody waits for it any more. */
  running (key: string): SharedWork<T> | undefined {
    const known = this.#running.get(key)
    return known?.isAborted === true ? undefined : known
  }

  /** Starts work that others find until it has ended. It is told what ran for its key before, when that is still ending. */
  start (key: string, work: (signal: AbortSignal, previous: SharedWork<T> | undefined) => Promise<T>): SharedWork<T> {
    const previous = this.#running.get(key)
    const started = new SharedWork(async signal => {
      try {
        return await work(signal, previous)
      } finally {
        if (this.#running.get(key) === started) this.#running.delete(key)
      }
    })
    this.#running.set(key, started)
    return started
  }
}
