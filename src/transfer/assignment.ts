import { audibleBytesMin, blockPatienceMs, hedgeMs, silenceMs } from '../limits.ts'
import type { Provider } from './provider.ts'
import type { WantedBlocks } from './provider-turn.ts'

/** How much faster somebody else has to be before a part is taken from who is sending it. */
const worthwhile = { factor: 2, extraMs: 1_000 }

/** One provider that was asked for one part. Of several that were asked for the same part, the first that answers owns it. */
export class Assignment {
  readonly provider: Provider
  readonly wanted: WantedBlocks
  readonly #now: () => number
  readonly #controller = new AbortController()
  #askedAtBytes: number
  #askedAt: number
  #heardAt: number
  /** When the last block had come whole. */
  #blockAt: number
  #blockBytes: number
  #ownerSince: number | undefined
  #receivedBytes = 0
  #unheardBytes = 0

  constructor (provider: Provider, wanted: WantedBlocks, now: () => number) {
    this.provider = provider
    this.wanted = wanted
    this.#now = now
    this.#askedAtBytes = wanted.bytes
    this.#blockBytes = wanted.bytes
    this.#heardAt = now()
    this.#askedAt = this.#heardAt
    this.#blockAt = this.#heardAt
  }

  get signal (): AbortSignal {
    return this.#controller.signal
  }

  /** Bytes of the part that had come when it was asked for. */
  get askedAtBytes (): number {
    return this.#askedAtBytes
  }

  /** True once it answered, and nobody else did before. */
  get isOwner (): boolean {
    return this.#ownerSince !== undefined
  }

  /** When it will have been silent, or without a block, for so long that another one may be asked. */
  get patientUntil (): number {
    return this.isOwner ? Math.min(this.#heardAt + silenceMs, this.#blockAt + blockPatienceMs) : this.#heardAt + hedgeMs
  }

  /** The question is about to be sent. */
  asked (): void {
    this.#askedAtBytes = this.wanted.bytes
    this.#askedAt = this.#now()
  }

  own (): void {
    this.#ownerSince = this.#now()
    this.provider.answeredWithin(this.#ownerSince - this.#askedAt)
    this.excuse()
  }

  /** Bytes came of it. A trickle is as good as silence. */
  heard (bytes: number): void {
    this.#receivedBytes += bytes
    this.#unheardBytes += bytes
    this.provider.rate.add(bytes)
    const now = this.#now()
    if (this.wanted.bytes > this.#blockBytes) this.#blockAt = now
    this.#blockBytes = this.wanted.bytes
    if (this.#unheardBytes < audibleBytesMin) return
    this.#heardAt = now
    this.#unheardBytes = 0
  }

  /** It is not to blame for what did not come until now. */
  excuse (): void {
    this.#heardAt = this.#now()
    this.#blockAt = this.#heardAt
    this.#unheardBytes = 0
  }

  abort (reason: unknown): void {
    this.#controller.abort(reason)
  }

  /** May this other provider, which has nothing to do, be asked for the same? */
  isContestableBy (challenger: Provider): boolean {
    if (challenger === this.provider || challenger.isSilent) return false
    return this.#now() >= this.patientUntil || this.#isSlowBeside(challenger)
  }

  #isSlowBeside (challenger: Provider): boolean {
    const rate = challenger.rate.bytesPerSecond
    const { bytesLeft } = this.wanted
    if (this.#ownerSince === undefined || rate === undefined || bytesLeft === undefined) return false
    const elapsedMs = this.#now() - this.#ownerSince
    if (elapsedMs < silenceMs || this.#receivedBytes === 0) return false
    const leftMs = bytesLeft * elapsedMs / this.#receivedBytes
    return leftMs > worthwhile.factor * bytesLeft * 1000 / rate + worthwhile.extraMs
  }
}
