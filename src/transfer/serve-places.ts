import { TimedOutError } from '../errors.ts'
import {
  answersMax, answersPerPeerMax, answerYieldMs, serveBytesMax, serveBytesPerPeerMax, serveReadAheadBytesMax
} from '../limits.ts'
import type { Stream } from '@libp2p/interface'

/** What may be said otherwise than in `limits.ts`. */
export interface ServePlacesInit {
  answers?: number
  answersPerPeer?: number
  /** Milliseconds of some clock that does not go back. */
  now?: () => number
}

/** An answer that is to be given. */
export interface PlacedAnswer {
  peerId: string
  /** Aborted when nobody waits for it any more. */
  signal: AbortSignal
  /** What it goes out on. */
  stream: Pick<Stream, 'abort' | 'addEventListener' | 'removeEventListener'>
}

/** Waits until what was sent has room, which is up to the peer. */
export type WaitForPeer = (sending: Promise<void>) => Promise<void>

interface PeerPlaces {
  used: number
  waiting: (() => void)[]
}

/**
 * Places for answers, and how much each may hold in memory. A peer has a few, and what it asks beyond them waits; its answers
 * share what one peer may hold, and all answers together what this node may. When all are taken, the one whose peer has read
 * nothing for longest goes, if that is long: who reads slowly keeps nobody out.
 */
export class ServePlaces {
  readonly #max: number
  readonly #perPeerMax: number
  readonly #now: () => number
  readonly #peers = new Map<string, PeerPlaces>()
  /** Answers that are being given, and since when each waits for its peer to read on; Infinity when it does not. */
  readonly #answers = new Map<PlacedAnswer, number>()

  constructor (init: ServePlacesInit = {}) {
    const { answers = answersMax, answersPerPeer = answersPerPeerMax, now = () => performance.now() } = init
    this.#max = answers
    this.#perPeerMax = answersPerPeer
    this.#now = now
  }

  /** Makes room when there is none. False when nobody can be taken now. */
  hasRoom (): boolean {
    if (this.#answers.size < this.#max) return true
    let stalled: PlacedAnswer | undefined
    let least = this.#now() - answerYieldMs + 1
    for (const [answer, at] of this.#answers) {
      if (at >= least) continue
      stalled = answer
      least = at
    }
    if (stalled === undefined) return false
    this.#answers.delete(stalled)
    stalled.stream.abort(new TimedOutError(`Nothing was read for ${answerYieldMs} ms, and others wait`))
    return true
  }

  /** Gives the answer when its peer has a place for it; not at all when its signal is aborted before. */
  async run (answer: PlacedAnswer, give: (waitForPeer: WaitForPeer) => Promise<void>): Promise<void> {
    const { peerId, signal, stream } = answer
    const peer = this.#peers.get(peerId) ?? { used: 0, waiting: [] }
    this.#peers.set(peerId, peer)
    if (peer.used < this.#perPeerMax) peer.used++
    else if (!await wait(peer, signal)) return
    const moved = (): void => { if (this.#answers.get(answer) !== Infinity) this.#note(answer, this.#now()) }
    this.#answers.set(answer, Infinity)
    stream.addEventListener('drain', moved)
    try {
      if (!signal.aborted) await give(async sending => await this.#waitForPeer(answer, sending))
    } finally {
      stream.removeEventListener('drain', moved)
      this.#answers.delete(answer)
      const next = peer.waiting.shift()
      if (next === undefined) peer.used--
      else next()
      if (peer.used === 0) this.#peers.delete(peerId)
    }
  }

  async #waitForPeer (answer: PlacedAnswer, sending: Promise<void>): Promise<void> {
    this.#note(answer, this.#now())
    await sending
    this.#note(answer, Infinity)
  }

  /** Not of one that had to go. */
  #note (answer: PlacedAnswer, since: number): void {
    if (this.#answers.has(answer)) this.#answers.set(answer, since)
  }

  /** Bytes that one answer to this peer may read ahead now. */
  readAheadBytes (peerId: string): number {
    const own = Math.max(1, this.#peers.get(peerId)?.used ?? 1)
    const all = Math.max(1, this.#answers.size)
    return Math.floor(Math.min(serveReadAheadBytesMax, serveBytesPerPeerMax / own, serveBytesMax / all))
  }
}

/** True when a place was handed on; false when the signal was aborted before. */
async function wait (peer: PeerPlaces, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const wake = (): void => { resolve(undefined) }
  peer.waiting.push(wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
  const index = peer.waiting.indexOf(wake)
  if (index >= 0) peer.waiting.splice(index, 1)
  return index < 0
}
