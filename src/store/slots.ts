import type { AbortOptions } from '../interface/primitives.ts'

/** Lets so many pieces of work run at once, in the order in which they came. */
export class Slots {
  #free: number
  readonly #waiting = new Set<() => void>()

  constructor (count: number) {
    this.#free = count
  }

  /** Resolves when there is room, to the function that makes it free again. */
  async take (options: AbortOptions = {}): Promise<() => void> {
    const { signal } = options
    signal?.throwIfAborted()
    if (this.#free > 0) this.#free--
    else await this.#wait(signal)
    let taken = true
    return () => {
      if (taken) this.#release()
      taken = false
    }
  }

  /** Does a piece of work when there is room. */
  async run<T> (work: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    const release = await this.take(options)
    try {
      return await work()
    } finally {
      release()
    }
  }

  async #wait (signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const proceed = (): void => { resolve(undefined) }
    const abort = (): void => {
      this.#waiting.delete(proceed)
      reject(signal?.reason)
    }
    this.#waiting.add(proceed)
    signal?.addEventListener('abort', abort, { once: true })
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  #release (): void {
    const [next] = this.#waiting
    if (next === undefined) {
      this.#free++
      return
    }
    this.#waiting.delete(next)
    next()
  }
}

/** Work on one key at a time; work on different keys does not wait for each other. */
export class KeyedSlots {
  readonly #slots = new Map<string, { slots: Slots, users: number }>()

  /** True while work on this key runs or waits. */
  isBusy (key: string): boolean {
    return this.#slots.has(key)
  }

  async run<T> (key: string, work: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    const entry = this.#slots.get(key) ?? { slots: new Slots(1), users: 0 }
    this.#slots.set(key, entry)
    entry.users++
    try {
      return await entry.slots.run(work, options)
    } finally {
      entry.users--
      if (entry.users === 0) this.#slots.delete(key)
    }
  }
}

/** Does the same to every item, so many at once. Waits for what was begun before it rejects. */
export async function forEachOf<T> (items: Iterable<T>, concurrency: number, work: (item: T) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]()
  let failed = false
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = failed ? { done: true, value: undefined } : iterator.next()) {
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const workers = Array.from({ length: concurrency }, worker)
  await Promise.allSettled(workers)
  await Promise.all(workers)
}
