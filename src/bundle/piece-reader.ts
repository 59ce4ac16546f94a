import { Readable } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { TimedOutError } from '../errors.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { openByteSource, pieceOf } from './byte-source.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { OpenSource } from './byte-source.ts'
import type { ByteSource } from '../interface/source.ts'

/** How long to wait for a piece. */
export interface PieceOptions extends AbortOptions {
  /** Milliseconds in which a piece with at least one byte has to come. */
  stallTimeoutMs: number
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
    const piece = pieceOf(result)
    this.#hasEnded = piece === undefined
    return piece
  }
}

/** The iterator of a stream only listens between two pieces. */
function openSource (source: ByteSource): OpenSource {
  const opened = openByteSource(source)
  if (!(source instanceof Readable)) return opened
  return {
    next: () => opened.next(),
    cancel: async reason => {
      source.destroy()
      await opened.cancel(reason)
    }
  }
}

function stalled (stallTimeoutMs: number): TimedOutError {
  return new TimedOutError(`The source gave nothing for ${stallTimeoutMs} ms: try again, or raise stallTimeoutMs`, { stallTimeoutMs })
}
