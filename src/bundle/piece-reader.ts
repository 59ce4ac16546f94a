import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { InvalidArgumentError, TimedOutError } from '../errors.ts'
import { describeValue, invalidArgument } from '../format/argument.ts'
import { withDeadline } from '../transfer/deadline.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ByteSource, ByteStream } from '../interface/source.ts'

/** How long to wait for a piece. */
export interface PieceOptions extends AbortOptions {
  /** Milliseconds in which a piece with at least one byte has to come. */
  stallTimeoutMs: number
}

/** Any source of bytes that a host may give, opened. */
interface OpenSource {
  next(): PromiseLike<unknown> | object
  /** Lets go of what has not been read. Not waited for: a source that is silent may also be silent when it is told to end. */
  cancel(reason: unknown): Promise<unknown>
}

/** Reads bytes that a host gives piece by piece, and tells their source when it is not read to its end. */
export class PieceReader {
  readonly #source: OpenSource
  readonly #idle = new AbortController().signal
  #hasEnded = false

  /** @throws {@link InvalidArgumentError} when it is not a source of bytes */
  constructor (source: ByteSource) {
    this.#source = openSource(source)
  }

  /**
   * The next piece, never an empty one; undefined at the end.
   *
   * Rejects with the signal's own reason, and with what the source itself throws.
   *
   * @throws {@link TimedOutError} when no byte comes in time
   * @throws {@link InvalidArgumentError} when the source gives anything but bytes
   */
  async next ({ signal = this.#idle, stallTimeoutMs }: PieceOptions): Promise<Uint8Array | undefined> {
    return withDeadline(stallTimeoutMs, signal, () => stalled(stallTimeoutMs), async own => {
      for (;;) {
        const piece = await this.#read()
        if (piece === undefined || piece.byteLength > 0) return piece
        // A source that gives empty pieces at once would let no timer and no signal through.
        await setImmediate()
        own.throwIfAborted()
      }
    })
  }

  /** Ends the source, unless it has ended by itself. */
  cancel (reason?: unknown): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#source.cancel(reason).catch(() => {})
  }

  async #read (): Promise<Uint8Array | undefined> {
    let result: unknown
    try {
      result = await this.#source.next()
    } catch (error) {
      this.#hasEnded = true
      throw error
    }
    const { done, value } = Object(result) as { done?: boolean, value?: unknown }
    if (done === true) {
      this.#hasEnded = true
      return undefined
    }
    if (value instanceof Uint8Array) return value
    throw new InvalidArgumentError(`The source gave ${describeValue(value)}, which is not a Uint8Array`, { value })
  }
}

function openSource (source: unknown): OpenSource {
  if (isByteStream(source)) return openByteStream(source)
  const iterator = typeof source === 'object' && source !== null && !(source instanceof Uint8Array) ? iteratorOf(source) : undefined
  if (iterator === undefined) throw invalidArgument('source', 'an iterable of Uint8Array, such as a stream or [bytes]', source)
  return {
    next: () => iterator.next(),
    cancel: async () => {
      // The iterator of a stream only listens between two pieces.
      if (source instanceof Readable) source.destroy()
      await iterator.return?.()
    }
  }
}

/** Read by itself: its iterator cannot be ended while it waits for a piece. */
function openByteStream (stream: ByteStream): OpenSource {
  if (stream.locked === true) throw new InvalidArgumentError('source is a ReadableStream that somebody else is reading: give one that is not locked')
  const reader = stream.getReader()
  return { next: () => reader.read(), cancel: async reason => reader.cancel(reason) }
}

function isByteStream (source: unknown): source is ByteStream {
  return typeof source === 'object' && source !== null && 'getReader' in source && typeof source.getReader === 'function'
}

function iteratorOf (source: object): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  const { [Symbol.asyncIterator]: async, [Symbol.iterator]: sync } = source as Partial<AsyncIterable<unknown> & Iterable<unknown>>
  return async?.call(source) ?? sync?.call(source)
}

function stalled (stallTimeoutMs: number): TimedOutError {
  return new TimedOutError(`The source gave nothing for ${stallTimeoutMs} ms: try again, or raise stallTimeoutMs`, { stallTimeoutMs })
}
