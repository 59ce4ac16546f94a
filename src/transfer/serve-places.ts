import { TimedOutError } from '../errors.ts'
import { KeyedSlots } from '../format/slots.ts'
import {
  answersMax, answersPerPeerMax, answerYieldMs, sendStallTimeoutMs, serveBytesMax, serveBytesPerPeerMax, serveReadAheadBytesMax
} from '../limits.ts'
import type { Stream } from '@libp2p/interface'

/** What may be said otherwise than in `limits.ts`. */
export interface ServePlacesInit {
  answers?: number
  answersPerPeer?: number
  queuedBytes?: number
  queuedBytesPerPeer?: number
  stallMs?: number
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

/**
 * Places for answers, and how much each may hold in memory. A peer has a few, and what it asks beyond them waits; its answers
 * share what one peer may hold, and all answers together what this node may. When all are taken, the one whose peer has read
 * nothing for longest goes, if that is long: who reads slowly keeps nobody out.
 */
export class ServePlaces {
  /** Milliseconds for a peer to read on. */
  readonly stallMs: number
  readonly #max: number
  readonly #queuedBytes: number
  readonly #queuedBytesPerPeer: number
  readonly #now: () => number
  readonly #slots: KeyedSlots
  /** Answers that are being given, and since when each waits for its peer to read on; Infinity when it does not. */
  readonly #answers = new Map<PlacedAnswer, number>()

  constructor (init: ServePlacesInit = {}) {
    const { answers = answersMax, answersPerPeer = answersPerPeerMax, now = () => performance.now() } = init
    const { queuedBytes = serveBytesMax, queuedBytesPerPeer = serveBytesPerPeerMax, stallMs = sendStallTimeoutMs } = init
    this.stallMs = stallMs
    this.#queuedBytes = queuedBytes
    this.#queuedBytesPerPeer = queuedBytesPerPeer
    this.#max = answers
    this.#slots = new KeyedSlots({ each: answersPerPeer })
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

  /** Gives the answer when its peer has a place for it. Rejects with its signal's reason when that is aborted before. */
  async run (answer: PlacedAnswer, give: (waitForPeer: WaitForPeer) => Promise<void>): Promise<void> {
    const { peerId, signal, stream } = answer
    await this.#slots.run(peerId, async () => {
      const moved = (): void => { if (this.#answers.get(answer) !== Infinity) this.#note(answer, this.#now()) }
      this.#answers.set(answer, Infinity)
      stream.addEventListener('drain', moved)
      try {
        await give(async sending => { await this.#waitForPeer(answer, sending) })
      } finally {
        stream.removeEventListener('drain', moved)
        this.#answers.delete(answer)
      }
    }, { signal })
  }

  /** Bytes that one answer to this peer may read ahead now. */
  readAheadBytes (peerId: string): number {
    const own = Math.max(1, this.#slots.usedBy(peerId))
    const all = Math.max(1, this.#answers.size)
    return Math.floor(Math.min(serveReadAheadBytesMax, this.#queuedBytesPerPeer / own, this.#queuedBytes / all))
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
}
