import { LimitExceededError } from '../errors.ts'
import { Collector } from './collector.ts'
import { VarintReader } from './varint.ts'

/** The bound of a message, and what it is called in `limits.ts`. */
export interface MessageBound {
  bytesMax: number
  limit: string
}

/** Collects small messages, each behind its length, whose bytes arrive in pieces of any size. */
export class DelimitedReader {
  readonly #bound: MessageBound
  readonly #length = new VarintReader('length')
  #message: Collector | undefined

  constructor (bound: MessageBound) {
    this.#bound = bound
  }

  /** True between two messages. */
  get atStart (): boolean {
    return this.#length.atStart && this.#message === undefined
  }

  /**
   * Takes the next piece and gives the messages that are complete now; it must be read to its end, or to its error.
   *
   * @throws {@link InvalidMessageError} when a length is malformed
   * @throws {@link LimitExceededError} when a message is larger than allowed
   */
  * read (piece: Uint8Array): Generator<Uint8Array> {
    let at = 0
    while (at < piece.length) {
      if (this.#message === undefined) {
        const length = this.#length.push(piece[at++] ?? 0)
        if (length !== undefined) this.#message = new Collector(boundedLength(length, this.#bound))
      } else {
        at = this.#message.fill(piece, at)
      }
      if (this.#message?.complete !== true) continue
      const { bytes } = this.#message
      this.#message = undefined
      yield bytes
    }
  }
}

/** @throws {@link LimitExceededError} when a message of this length is larger than allowed */
export function boundedLength (length: number, { bytesMax, limit }: MessageBound): number {
  if (length <= bytesMax) return length
  throw new LimitExceededError(`A message has ${length} bytes; at most ${bytesMax} are taken`, { limit, max: bytesMax, actual: length })
}
