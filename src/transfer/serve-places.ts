import { answersMax, answersPerPeerMax, serveBytesMax, serveBytesPerPeerMax, serveReadAheadBytesMax } from '../limits.ts'

/** What may be said otherwise than in `limits.ts`. */
export interface ServePlacesInit {
  answers?: number
  answersPerPeer?: number
}

interface PeerPlaces {
  used: number
  waiting: (() => void)[]
}

/**
 * Places for answers, and how much each may hold in memory. A peer has a few, and what it asks beyond them waits; its answers
 * share what one peer may hold, and all answers together what this node may.
 */
export class ServePlaces {
  readonly #max: number
  readonly #perPeerMax: number
  readonly #peers = new Map<string, PeerPlaces>()
  #used = 0
  #waiting = 0

  constructor ({ answers = answersMax, answersPerPeer = answersPerPeerMax }: ServePlacesInit = {}) {
    this.#max = answers
    this.#perPeerMax = answersPerPeer
  }

  /** True when nobody else can be taken, not even to wait. */
  get isFull (): boolean {
    return this.#used + this.#waiting >= this.#max
  }

  /** Runs `answer` when the peer has a place for it; not at all when the signal is aborted before. */
  async run (peerId: string, signal: AbortSignal, answer: () => Promise<void>): Promise<void> {
    const peer = this.#peers.get(peerId) ?? { used: 0, waiting: [] }
    this.#peers.set(peerId, peer)
    if (peer.used < this.#perPeerMax) peer.used++
    else if (!await this.#wait(peer, signal)) return
    this.#used++
    try {
      if (!signal.aborted) await answer()
    } finally {
      this.#used--
      const next = peer.waiting.shift()
      if (next === undefined) peer.used--
      else next()
      if (peer.used === 0) this.#peers.delete(peerId)
    }
  }

  /** Bytes that one answer to this peer may read ahead now. */
  readAheadBytes (peerId: string): number {
    const own = Math.max(1, this.#peers.get(peerId)?.used ?? 1)
    const all = Math.max(1, this.#used)
    return Math.floor(Math.min(serveReadAheadBytesMax, serveBytesPerPeerMax / own, serveBytesMax / all))
  }

  /** True when a place was handed on; false when the signal was aborted before. */
  async #wait (peer: PeerPlaces, signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return false
    const { promise, resolve } = Promise.withResolvers<undefined>()
    const wake = (): void => { resolve(undefined) }
    this.#waiting++
    peer.waiting.push(wake)
    signal.addEventListener('abort', wake, { once: true })
    await promise
    signal.removeEventListener('abort', wake)
    this.#waiting--
    const index = peer.waiting.indexOf(wake)
    if (index >= 0) peer.waiting.splice(index, 1)
    return index < 0
  }
}
