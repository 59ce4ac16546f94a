import { KeyedSlots } from '../format/slots.ts'
import { offersMax, offersPerPeerMax, offersWaitingMax } from '../limits.ts'

/** Places for offered bundles that are being fetched: some in all, and a few for each peer. */
export class OfferPlaces {
  readonly #slots = new KeyedSlots({ all: offersMax, each: offersPerPeerMax })

  /** True when nobody else can wait. */
  get isFull (): boolean {
    return this.#slots.waiting >= offersWaitingMax
  }

  /** Runs `work` when there is a place for it. Rejects with the signal's reason when that is aborted before. */
  run<T> (peerId: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    return this.#slots.run(peerId, work, { signal })
  }
}
