/**
 * Messages of `/cortensor/dag/1` (messages.ts) as their bytes arrive, in pieces of any size.
 *
 * A request, and an answer of up to 64 KiB, is collected before it is decoded. Of a larger answer, which is data, the bytes are
 * handed on as they come; so one `data` field may be seen as several.
 */
import { InvalidMessageError } from '../errors.ts'
import { dataBytesMax, messageBytesMax, requestBytesMax } from '../limits.ts'
import { Collector } from './collector.ts'
import { boundedLength, DelimitedReader } from './delimited-reader.ts'
import { dataField, decodeAnswer, decodeRequest } from './messages.ts'
import { bytesFieldHeadLength, bytesType } from './protobuf.ts'
import { VarintReader } from './varint.ts'
import type { DagAnswer, DagRequest } from './messages.ts'

/** Reads what a client sends. */
export class RequestReader {
  readonly #messages = new DelimitedReader({ bytesMax: requestBytesMax, limit: 'requestBytesMax' })

  /** True between two requests. */
  get atStart (): boolean {
    return this.#messages.atStart
  }

  /**
   * Takes the next piece and returns the requests that are complete now.
   *
   * @throws {@link InvalidMessageError} when one is malformed
   * @throws {@link LimitExceededError} when one is larger than allowed
   */
  push (piece: Uint8Array): DagRequest[] {
    return Array.from(this.#messages.read(piece), decodeRequest)
  }
}

/** Reads what a server sends. */
export class AnswerReader {
  readonly #length = new VarintReader('length')
  readonly #dataLength = new VarintReader('length')
  #message: Collector | undefined
  /** Length of a message that is too large for anything but data, while its first bytes come. */
  #largeMessage: number | undefined
  #tagSeen = false
  /** Bytes of data that have not come yet. */
  #data = 0

  /** True between two messages. */
  get atStart (): boolean {
    return this.#length.atStart && this.#message === undefined && this.#largeMessage === undefined && this.#data === 0
  }

  /**
   * Takes the next piece and gives what is complete now, one after the other; it must be read to its end, or to its error.
   * Data are views of the piece, so it must not change afterwards.
   *
   * @throws {@link InvalidMessageError} when a message is malformed
   * @throws {@link LimitExceededError} when one is larger than allowed
   */
  * read (piece: Uint8Array): Generator<DagAnswer> {
    const answers: DagAnswer[] = []
    let at = 0
    while (at < piece.length) {
      if (this.#data > 0) {
        const bytes = piece.subarray(at, at + this.#data)
        this.#data -= bytes.length
        at += bytes.length
        yield { type: 'data', bytes }
      } else if (this.#largeMessage !== undefined) {
        this.#readDataHead(this.#largeMessage, piece[at++] ?? 0)
      } else if (this.#message !== undefined) {
        at = this.#message.fill(piece, at)
        if (this.#message.complete) answers.push(...this.#finish(this.#message.bytes))
      } else {
        at = this.#readLength(piece, at, answers)
      }
      if (answers.length > 0) yield* answers.splice(0)
    }
  }

  #readLength (piece: Uint8Array, at: number, answers: DagAnswer[]): number {
    const length = this.#length.push(piece[at] ?? 0)
    const next = at + 1
    if (length === undefined || length === 0) return next
    boundedLength(length, { bytesMax: dataBytesMax + bytesFieldHeadLength(dataField, dataBytesMax), limit: 'dataBytesMax' })
    if (length > messageBytesMax) {
      this.#largeMessage = length
      return next
    }
    if (length > piece.length - next) {
      this.#message = new Collector(length)
      return next
    }
    answers.push(...this.#finish(piece.subarray(next, next + length)))
    return next + length
  }

  #finish (message: Uint8Array): DagAnswer[] {
    this.#message = undefined
    const answer = decodeAnswer(message)
    return answer === undefined ? [] : [answer]
  }

  #readDataHead (message: number, byte: number): void {
    if (!this.#tagSeen) {
      if (byte !== dataField * 8 + bytesType) {
        throw new InvalidMessageError(`A message of ${message} bytes is not data; at most ${messageBytesMax} are taken`)
      }
      this.#tagSeen = true
      return
    }
    const length = this.#dataLength.push(byte)
    if (length === undefined) return
    if (bytesFieldHeadLength(dataField, length) + length !== message) {
      throw new InvalidMessageError(`A message of ${message} bytes has ${length} bytes of data and something else`)
    }
    this.#largeMessage = undefined
    this.#tagSeen = false
    this.#data = length
  }
}
