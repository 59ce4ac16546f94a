import { Uint8ArrayList } from 'uint8arraylist'
import { InvalidMessageError, PeerUnreachableError } from '../errors.ts'
import { DelimitedReader } from '../format/delimited-reader.ts'
import { offerMessageBytesMax, sendStallTimeoutMs } from '../limits.ts'
import { StreamReader } from './stream-reader.ts'
import { send } from '../network/stream-writer.ts'
import type { MessageBound } from '../format/delimited-reader.ts'
import type { Stream } from '@libp2p/interface'

/** A stream on which each side sends one message, as those of `/cortensor/offer/1`. */
export class OfferStream {
  readonly #stream: Stream
  readonly #pieces: StreamReader
  readonly #bound: MessageBound

  constructor (stream: Stream, bound: MessageBound = { bytesMax: offerMessageBytesMax, limit: 'offerMessageBytesMax' }) {
    this.#stream = stream
    this.#pieces = new StreamReader(stream)
    this.#bound = bound
  }

  /** Sends this side's message. */
  async send (message: Uint8Array): Promise<void> {
    await send(this.#stream, new Uint8ArrayList(message), sendStallTimeoutMs)
  }

  /**
   * The message of the other side, without its length.
   *
   * @throws {@link PeerUnreachableError} when the stream ends before
   * @throws {@link InvalidMessageError}, {@link LimitExceededError} when it is malformed
   * @throws what `timedOut` makes when nothing comes in time
   */
  async receive (timeoutMs: number, timedOut: () => Error): Promise<Uint8Array> {
    const messages = new DelimitedReader(this.#bound)
    for (;;) {
      const piece = await this.#pieces.next(timeoutMs, timedOut)
      if (piece === undefined) break
      for (const message of messages.read(piece)) return message
    }
    if (messages.atStart) throw new PeerUnreachableError('The stream was ended without a message')
    throw new InvalidMessageError('The stream was ended inside of a message')
  }

  /** Resets the stream and makes `receive()` reject with the reason. */
  fail (reason: unknown): void {
    this.#pieces.fail(reason)
  }
}
