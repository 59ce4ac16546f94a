import { KeyedSlots } from '../format/slots.ts'
import { answersMax, answersPerPeerMax, serveBytesMax, serveBytesPerPeerMax, serveReadAheadBytesMax } from '../limits.ts'

/**
 * Places for answers, and how much each may hold in memory. A peer has a few, and what it asks beyond them waits; its answers
 * share what one peer may hold, and all answers together what this node may.
 */
export class ServePlaces {
  readonly #slots = new KeyedSlots({ each: answersPerPeerMax })

  /** True when nobody else can be taken, not even to wait. */
  get isFull (): boolean {
    return this.#slots.used + this.#slots.waiting >= answersMax
  }

  /** Runs `answer` when the peer has a place for it. Rejects with the signal's reason when that is aborted before. */
  run (peerId: string, signal: AbortSignal, answer: () => Promise<void>): Promise<void> {
    return this.#slots.run(peerId, answer, { signal })
  }

  /** Bytes that one answer to this peer may read ahead now. */
  readAheadBytes (peerId: string): number {
    const own = Math.max(1, this.#slots.usedBy(peerId))
    const all = Math.max(1, this.#slots.used)
    return Math.floor(Math.min(serveReadAheadBytesMax, serveBytesPerPeerMax / own, serveBytesMax / all))
  }
}
