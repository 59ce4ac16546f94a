import { TransientMap } from './transient-map.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** Lets so many pieces of work run at once, in the order in which they came. */
export class Slots {
  readonly #slots: KeyedSlots

  constructor (count: number) {
    this.#slots = new KeyedSlots({ each: count })
  }

  /** True while somebody waits. */
  get isAwaited (): boolean {
    return this.#slots.waiting > 0
  }

  /** Resolves when there is room, to the function that makes it free again. */
  take (options: AbortOptions = {}): Promise<() => void> {
    return this.#slots.take('', options)
  }

  /** Does a piece of work when there is room. */
  run<T> (work: () => Promise<T>, options: AbortOptions = {}): Promise<T> {
    return this.#slots.run('', work, options)
  }
}

/** How much may run at once. */
export interface KeyedSlotsInit {
  /** By default any number. */
  all?: number
  /** For one key; by default one. */
  each?: number
}

interface Waiter {
  key: string
  enter: () => void
}

/**
 * Lets so many pieces of work run at once for each key, and so many for all keys together. The others wait in the order in which
 * they came, but for those whose key has its slots taken: nobody waits for another key's work longer than there is room.
 */
export class KeyedSlots {
  readonly #all: number
  readonly #each: number
  readonly #used = new TransientMap<string, number>()
  readonly #waiting = new TransientMap<Waiter, undefined>()
  #usedInAll = 0

  constructor ({ all = Infinity, each = 1 }: KeyedSlotsInit = {}) {
    this.#all = all
    this.#each = each
  }

  /** How many run. */
  get used (): number {
    return this.#usedInAll
  }

  /** How many wait. */
  get waiting (): number {
    return this.#waiting.size
  }

  /** How many run for this key. Nobody waits for it while there are none. */
  usedBy (key: string): number {
    return this.#used.get(key) ?? 0
  }

  /**
   * Resolves when there is room, to the function that makes it free again.
   *
   * Rejects with the signal's reason when that is aborted before.
   */
  async take (key: string, { signal }: AbortOptions = {}): Promise<() => void> {
    signal?.throwIfAborted()
    if (this.#hasRoom(key)) this.#enter(key)
    else await this.#wait(key, signal)
    let isTaken = true
    return () => {
      if (isTaken) this.#leave(key)
      isTaken = false
    }
  }

  /** Does a piece of work when there is room, at once when there is some now. Rejects as `take` does, and as the work does. */
  async run<T> (key: string, work: () => Promise<T>, { signal }: AbortOptions = {}): Promise<T> {
    signal?.throwIfAborted()
    if (this.#hasRoom(key)) this.#enter(key)
    else await this.#wait(key, signal)
    try {
      return await work()
    } finally {
      this.#leave(key)
    }
  }

  #hasRoom (key: string): boolean {
    return this.#usedInAll < this.#all && this.usedBy(key) < this.#each
  }

  #enter (key: string): void {
    this.#usedInAll++
    this.#used.set(key, this.usedBy(key) + 1)
  }

  #leave (key: string): void {
    this.#usedInAll--
    const left = this.usedBy(key) - 1
    if (left === 0) this.#used.delete(key)
    else this.#used.set(key, left)
    for (const waiter of this.#waiting.keys()) {
      if (!this.#hasRoom(waiter.key)) continue
      // Taken for it at once: it goes on later, and somebody else may come before.
      this.#waiting.delete(waiter)
      this.#enter(waiter.key)
      waiter.enter()
      return
    }
  }

  async #wait (key: string, signal: AbortSignal | undefined): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const waiter = { key, enter: () => { resolve(undefined) } }
    const onAbort = (): void => {
      if (this.#waiting.delete(waiter)) reject(signal?.reason)
    }
    this.#waiting.set(waiter, undefined)
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted !== true) return
    this.#leave(key)
    throw signal.reason
  }
}
