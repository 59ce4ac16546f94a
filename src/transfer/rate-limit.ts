import { timerMsMax } from '../limits.ts'

/** Parts of a second that are given out at a time: what one waits for goes in turns with what the others wait for. */
const turnsPerSecond = 4

interface Waiter {
  bytesLeft: number
  onTurn: () => void
  done: () => void
}

/** What a limit needs beside its rate. */
export interface RateLimitInit {
  /** Milliseconds from any start, never going back. */
  now: () => number
}

/** Lets so many bytes a second pass, in turns for all who wait: one peer's many streams get no more than another one's. */
export class RateLimit {
  readonly #bytesPerSecond: number
  readonly #now: () => number
  /** Those who wait, by whom they wait for; the map's order is that of the turns. */
  readonly #waiting = new Map<string, Waiter[]>()
  #freeAt = -Infinity
  #timer: NodeJS.Timeout | undefined

  constructor (bytesPerSecond: number, { now }: RateLimitInit) {
    this.#bytesPerSecond = bytesPerSecond
    this.#now = now
  }

  /**
   * Resolves when so many bytes may pass for this peer, or when the signal is aborted. `onTurn` is called whenever a part of
   * them may: whoever waits here is not idle.
   */
  async take (peer: string, bytes: number, signal: AbortSignal, onTurn: () => void = () => {}): Promise<void> {
    if (bytes <= 0 || signal.aborted) return
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const waiter: Waiter = { bytesLeft: bytes, onTurn, done: () => { resolve(undefined) } }
    const others = this.#waiting.get(peer)
    if (others === undefined) this.#waiting.set(peer, [waiter])
    else others.push(waiter)
    const onAbort = (): void => {
      this.#remove(peer, waiter)
      resolve(undefined)
    }
    signal.addEventListener('abort', onAbort, { once: true })
    this.#run()
    await promise
    signal.removeEventListener('abort', onAbort)
  }

  #run (): void {
    if (this.#timer !== undefined) return
    for (let [next] = this.#waiting; next !== undefined; [next] = this.#waiting) {
      const waitMs = this.#freeAt - this.#now()
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined
          this.#run()
        }, Math.min(waitMs, timerMsMax))
        return
      }
      this.#giveTurn(...next)
    }
  }

  #giveTurn (peer: string, waiters: Waiter[]): void {
    const [waiter] = waiters
    if (waiter === undefined) return
    const bytes = Math.min(waiter.bytesLeft, Math.max(1, this.#bytesPerSecond / turnsPerSecond))
    this.#freeAt = Math.max(this.#freeAt, this.#now()) + bytes / this.#bytesPerSecond * 1000
    waiter.bytesLeft -= bytes
    this.#remove(peer, waiter)
    // Behind the other peers, and behind what this one waits for elsewhere.
    const rest = this.#waiting.get(peer) ?? []
    this.#waiting.delete(peer)
    if (waiter.bytesLeft > 0) rest.push(waiter)
    if (rest.length > 0) this.#waiting.set(peer, rest)
    waiter.onTurn()
    if (waiter.bytesLeft <= 0) waiter.done()
  }

  #remove (peer: string, waiter: Waiter): void {
    const waiters = this.#waiting.get(peer)
    const index = waiters?.indexOf(waiter) ?? -1
    if (index >= 0) waiters?.splice(index, 1)
    if (waiters?.length === 0) this.#waiting.delete(peer)
  }
}
