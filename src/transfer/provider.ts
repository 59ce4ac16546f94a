import { aheadMs, attemptEventsMax, busyRetriesMax, busyRetryMs, busyRetryMsMax, revivalsMax, streamsPerProvider } from '../limits.ts'
import { Rate } from './rate.ts'
import type { DataNodeError } from '../errors.ts'
import type { ProviderAttempt, ProviderEvent } from '../interface/transfer.ts'
import type { EndedAttempt } from './attempts.ts'
import type { ProviderTurn } from './provider-turn.ts'

/** Asks one provider for something, in the way that it understands. */
export type AskProvider = (turn: ProviderTurn) => Promise<void>

/** One provider of a fetch: how it is asked, how fast it is, and what happened with it. */
export class Provider {
  /** How it is asked; undefined until it is connected. */
  ask: AskProvider | undefined
  /** Makes ready to ask it for so many more parts at the same time. */
  prepare: (parts: number) => void = () => {}
  readonly rate: Rate
  /** Parts of a DAG that is split that it may be asked for at the same time. */
  placesMax: number = streamsPerProvider
  /** Parts that it is being asked for. */
  used = 0
  /** True when it was silent for long while others could be asked. */
  isSilent = false
  /** True when it sends a DAG only as a whole: to ask it for a part is a last resort. */
  isWholeOnly = false
  #places = 1
  #name: string
  readonly #now: () => number
  readonly #fetchStartedAt: number
  readonly #startedAt: number
  readonly #timeline: ProviderEvent[] = []
  #dialledAt: number
  #roundTripMs: number | undefined
  #bytes = 0
  #broughtAt: number
  #bytesBefore = 0
  #revivals = 0
  #rests = 0
  #restsUntil = -Infinity
  #ended: { outcome: ProviderAttempt['outcome'], error: DataNodeError, atMs: number } | undefined

  constructor (name: string, { now, fetchStartedAt }: { now: () => number, fetchStartedAt: number }) {
    this.#name = name
    this.#now = now
    this.#fetchStartedAt = fetchStartedAt
    this.#startedAt = now()
    this.#dialledAt = this.#startedAt
    this.#broughtAt = this.#startedAt
    this.rate = new Rate(now)
  }

  /** Its peer id once it is connected. */
  get name (): string {
    return this.#name
  }

  /** Bytes of blocks that it brought. */
  get bytes (): number {
    return this.#bytes
  }

  /** How long it has brought none. */
  get msWithoutBlock (): number {
    return this.#now() - this.#broughtAt
  }

  /** Parts that it may be asked for at the same time now. */
  get places (): number {
    return this.#places
  }

  get isLive (): boolean {
    return this.ask !== undefined && this.#ended === undefined
  }

  /** True while it is left alone, because it had too much to do. */
  get isResting (): boolean {
    return this.#now() < this.#restsUntil
  }

  /** Bytes that keep its link busy while it hears of us and a moment longer; undefined while that is not known. */
  get bytesAhead (): number | undefined {
    const { bytesPerSecond } = this.rate
    if (bytesPerSecond === undefined || this.#roundTripMs === undefined) return undefined
    return bytesPerSecond * (2 * this.#roundTripMs + aheadMs) / 1000
  }

  /** When it was last dialled. */
  get dialledAt (): number {
    return this.#dialledAt
  }

  /** True when it was lost, and had brought something since it was connected to: it may be there again. */
  get mayRevive (): boolean {
    return this.#ended?.outcome === 'lost' && this.bytes > this.#bytesBefore && this.#revivals < revivalsMax
  }

  /** It is connected to once more. */
  revive (): void {
    this.#ended = undefined
    this.ask = undefined
    this.#revivals++
    this.#dialledAt = this.#now()
    this.note('dialled')
  }

  /** What it is asked beside another part is made ready now: later it would have to wait for what is on its way. */
  allow (places: number): void {
    if (places > this.#places) this.prepare(places - this.used)
    this.#places = places
  }

  connected (name: string, ask: AskProvider): void {
    this.#name = name
    this.#bytesBefore = this.bytes
    this.ask = ask
    this.note('connected')
  }

  /** It took so long to answer. What is on its way already goes before an answer, so the shortest time counts. */
  answeredWithin (ms: number): void {
    this.#roundTripMs = Math.min(this.#roundTripMs ?? Infinity, ms)
  }

  brought (bytes: number): void {
    this.#bytes += bytes
    this.#broughtAt = this.#now()
  }

  note (what: ProviderEvent['what']): void {
    if (this.#timeline.length < attemptEventsMax) {
      this.#timeline.push({ what, atMs: this.#now() - this.#fetchStartedAt, bytes: this.bytes })
    }
  }

  /** It has too much to do: from now on it is asked for less, or nothing for a while. False when it has said so too often. */
  rests (retryAfterMs: unknown): boolean {
    if (this.used > 0) {
      this.placesMax = this.used
      return true
    }
    if (this.#rests >= busyRetriesMax) return false
    this.#rests++
    this.#restsUntil = this.#now() + Math.min(typeof retryAfterMs === 'number' ? retryAfterMs : busyRetryMs, busyRetryMsMax)
    this.note('busy')
    return true
  }

  /** It is not asked again. */
  fail (outcome: ProviderAttempt['outcome'], error: DataNodeError): void {
    if (this.#ended !== undefined) return
    this.#ended = { outcome, error, atMs: this.#now() }
    // How it ended is in the timeline however long that is.
    if (this.#timeline.length >= attemptEventsMax) this.#timeline.pop()
    this.note(outcome)
  }

  /** What became of it; undefined when it neither failed nor sent anything. */
  report (): EndedAttempt | undefined {
    const { bytes } = this
    const timeline = [...this.#timeline]
    if (this.#ended !== undefined) {
      const { outcome, error, atMs } = this.#ended
      const attempt = { provider: this.#name, outcome, reason: error.message, bytes, elapsedMs: atMs - this.#startedAt, timeline }
      return { attempt, error }
    }
    if (bytes === 0) return undefined
    const elapsedMs = this.#now() - this.#startedAt
    timeline.push({ what: 'ok', atMs: this.#now() - this.#fetchStartedAt, bytes })
    return { attempt: { provider: this.#name, outcome: 'ok', reason: `sent ${bytes} bytes`, bytes, elapsedMs, timeline } }
  }
}
