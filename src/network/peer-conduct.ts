import { RefusedError } from '../errors.ts'
import {
  countedPeersMax, cutStreamsMax, faultRequests, refusalMs, requestBurstSeconds, requestsPerSecondPerPeerMax, requestToldSeconds
} from '../limits.ts'
import type { PeerMeter } from '../interface/network.ts'

const toldSeconds = requestBurstSeconds + requestToldSeconds

/** What counting needs. */
export interface PeerConductInit {
  /** Milliseconds of some clock that does not go back. */
  now: () => number
  /** By default those of `limits.ts`. */
  requestsPerSecond?: number | undefined
  refusedMs?: number | undefined
}

/** What becomes of a request: `cut` ends the stream that it came on. */
type Verdict = 'answer' | 'tell' | 'cut'

/** What a peer asked more than it may in the long run. */
interface Debt {
  requests: number
  /** When they were as many. */
  at: number
  /** How often it went on since it was answered last. */
  cuts: number
  refusedUntil: number
}

/**
 * Counts what each peer asks, in all protocols and on all connections, and what it does that it may not. Who goes beyond a burst
 * is told so; who goes on loses the stream that it does so on, and at last its connections, and is not let in for a while. A
 * debt goes down by the requests that a peer may ask in the long run, so whoever waits when it is told to never gets further.
 */
export class PeerConduct {
  readonly #init: PeerConductInit
  readonly #perSecond: number
  readonly #debts = new Map<string, Debt>()
  #onRefused: (peerId: string) => void = () => {}

  constructor (init: PeerConductInit) {
    this.#init = init
    this.#perSecond = init.requestsPerSecond ?? requestsPerSecondPerPeerMax
  }

  /** For those who serve this peer. */
  meter (peerId: string): PeerMeter {
    return {
      admits: () => {
        const verdict = this.#count(peerId, 1)
        if (verdict === 'cut') throw new RefusedError('It went on after it was told that it asks too often', { peer: peerId })
        return verdict === 'answer'
      },
      fault: () => { this.#count(peerId, faultRequests) }
    }
  }

  /** Has `close` end the connections of a peer, once for each time that it is refused. */
  onRefused (close: (peerId: string) => void): void {
    this.#onRefused = close
  }

  /** True for a peer that lost its connections a short while ago. */
  isRefused (peerId: string): boolean {
    return (this.#debts.get(peerId)?.refusedUntil ?? 0) > this.#init.now()
  }

  #count (peerId: string, requests: number): Verdict {
    const now = this.#init.now()
    const debt = this.#debts.get(peerId) ?? this.#add(peerId, now)
    const owed = this.#left(debt, now) + requests
    debt.at = now
    debt.requests = Math.min(owed, toldSeconds * this.#perSecond)
    if (owed > toldSeconds * this.#perSecond) {
      debt.cuts++
      if (debt.cuts > cutStreamsMax) this.#refuse(peerId, debt, now)
      return 'cut'
    }
    if (owed > requestBurstSeconds * this.#perSecond) return 'tell'
    debt.cuts = 0
    return 'answer'
  }

  #refuse (peerId: string, debt: Debt, now: number): void {
    if (debt.refusedUntil > now) return
    debt.refusedUntil = now + (this.#init.refusedMs ?? refusalMs)
    this.#onRefused(peerId)
  }

  #left ({ requests, at }: Debt, now: number): number {
    return Math.max(0, requests - (now - at) / 1000 * this.#perSecond)
  }

  /** The oldest are looked at: they go when nothing is known of them any more, and else when there are too many. */
  #add (peerId: string, now: number): Debt {
    for (const [name, known] of oldestOf(this.#debts)) {
      this.#debts.delete(name)
      const isWorthKnowing = known.refusedUntil > now || this.#left(known, now) > 0
      if (isWorthKnowing && this.#debts.size + 1 < countedPeersMax) this.#debts.set(name, known)
    }
    const debt = { requests: 0, at: now, cuts: 0, refusedUntil: 0 }
    this.#debts.set(peerId, debt)
    return debt
  }
}

/** At most two: as many may go as come, and one more. */
function oldestOf (debts: ReadonlyMap<string, Debt>): [string, Debt][] {
  const oldest: [string, Debt][] = []
  for (const entry of debts) if (oldest.push(entry) === 2) break
  return oldest
}
