import { offersMax, offersPerPeerMax, offersWaitingMax } from '../limits.ts'

interface Waiter {
  peerId: string
  wake: () => void
}

/**
 * Places for offered bundles that are being fetched: some in all, and a few for each peer. Others wait in the order in which they
 * came, but for those whose peer has its places taken: nobody waits for another peer's slow link longer than there is room.
 */
export class OfferPlaces {
  readonly #used = new Map<string, number>()
  readonly #waiting: Waiter[] = []
  #usedInAll = 0

  /** True when nobody else can wait. */
  get isFull (): boolean {
    return this.#waiting.length >= offersWaitingMax
  }

  /** Runs `work` when there is a place for it. Rejects with the signal's reason when that is aborted before. */
  async run<T> (peerId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted()
    if (this.#hasPlace(peerId)) this.#take(peerId)
    else await this.#wait(peerId, signal)
    try {
      signal.throwIfAborted()
      return await work()
    } finally {
      this.#free(peerId)
    }
  }

  #hasPlace (peerId: string): boolean {
    return this.#usedInAll < offersMax && (this.#used.get(peerId) ?? 0) < offersPerPeerMax
  }

  #take (peerId: string): void {
    this.#usedInAll++
    this.#used.set(peerId, (this.#used.get(peerId) ?? 0) + 1)
  }

  #free (peerId: string): void {
    this.#usedInAll--
    const left = (this.#used.get(peerId) ?? 1) - 1
    if (left === 0) this.#used.delete(peerId)
    else this.#used.set(peerId, left)
    const index = this.#waiting.findIndex(waiter => this.#hasPlace(waiter.peerId))
    const [next] = index < 0 ? [] : this.#waiting.splice(index, 1)
    if (next === undefined) return
    // Taken for it at once: it goes on later, and somebody else may come before.
    this.#take(next.peerId)
    next.wake()
  }

  async #wait (peerId: string, signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<undefined>()
    const waiter = { peerId, wake: () => { resolve(undefined) } }
    const onAbort = (): void => {
      const index = this.#waiting.indexOf(waiter)
      if (index < 0) return
      this.#waiting.splice(index, 1)
      reject(signal.reason as Error)
    }
    this.#waiting.push(waiter)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      await promise
    } finally {
      signal.removeEventListener('abort', onAbort)
    }
  }
}
