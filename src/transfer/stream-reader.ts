import { receiveQueueBytesMax } from '../limits.ts'
import { Turn } from '../store/turn.ts'
import type { Stream, StreamCloseEvent, StreamMessageEvent } from '@libp2p/interface'

/** Reads a stream piece by piece. What is not asked for yet is bounded: the stream is paused. */
export class StreamReader {
  readonly #stream: Stream
  readonly #pieces: Uint8Array[] = []
  #queuedBytes = 0
  readonly #turn = new Turn()
  #ended: boolean
  #resuming = false
  #failure: { reason: unknown } | undefined
  #wake: (() => void) | undefined
  /** Called when something has come, or the stream has ended, while nobody waits for it. */
  onUnread: (() => void) | undefined

  constructor (stream: Stream) {
    this.#stream = stream
    this.#ended = stream.readableEnded || stream.status !== 'open'
    stream.addEventListener('message', (event) => { this.#receive(event) })
    stream.addEventListener('end', () => { this.#end() })
    stream.addEventListener('close', (event) => { this.#close(event) })
  }

  /** True while the stream can be used and nothing has come that was not read. */
  get isQuiet (): boolean {
    return !this.#ended && this.#failure === undefined && this.#pieces.length === 0 && this.#stream.status === 'open' &&
      this.#stream.remoteWriteStatus === 'writable' && this.#stream.readBufferLength === 0
  }

  /**
   * The next piece, or undefined when the other side has ended the stream. When nothing comes in time, the stream is reset and it
   * rejects with what `timedOut` makes. Only one call at a time.
   */
  async next (timeoutMs: number, timedOut: () => Error): Promise<Uint8Array | undefined> {
    if (this.#pieces.length === 0 && this.#failure === undefined && !this.#ended) {
      const woken = Promise.withResolvers<undefined>()
      this.#wake = () => { woken.resolve(undefined) }
      const timer = setTimeout(() => { this.fail(timedOut()) }, timeoutMs)
      await woken.promise
      clearTimeout(timer)
      this.#turn.begin()
    } else {
      const others = this.#turn.passOn()
      if (others !== undefined) await others
    }
    const piece = this.#pieces.shift()
    if (piece !== undefined) {
      this.#queuedBytes -= piece.length
      this.#resumeWhenEmpty()
      return piece
    }
    if (this.#failure !== undefined) throw this.#failure.reason
    return undefined
  }

  /** Resets the stream, forgets what has come and makes `next()` reject with `reason`. */
  fail (reason: unknown): void {
    this.#failure ??= { reason }
    this.#pieces.length = 0
    this.#queuedBytes = 0
    this.#stream.abort(reason instanceof Error ? reason : new Error(String(reason)))
    this.#notify()
  }

  #receive ({ data }: StreamMessageEvent): void {
    if (this.#failure !== undefined) return
    for (const piece of data instanceof Uint8Array ? [data] : data) {
      // Without the methods of a Buffer, whose `slice` does not copy.
      this.#pieces.push(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength))
    }
    this.#queuedBytes += data.byteLength
    if (!this.#resuming) this.#pauseWhenFull()
    this.#notify()
  }

  #pauseWhenFull (): void {
    if (this.#queuedBytes >= receiveQueueBytesMax && this.#stream.readStatus === 'readable') this.#stream.pause()
  }

  /**
   * Resuming hands over all that had come meanwhile, and announces a new window after it. A pause in between would be lost on the
   * muxer, which would go on announcing windows for a stream that is not read.
   */
  #resumeWhenEmpty (): void {
    if (this.#pieces.length > 0 || this.#stream.readStatus !== 'paused') return
    this.#resuming = true
    this.#stream.resume()
    this.#resuming = false
    this.#pauseWhenFull()
  }

  /** The other side has ended the stream, and everything that it sent before has come. */
  #end (): void {
    this.#ended = true
    this.#notify()
  }

  #close ({ error }: StreamCloseEvent): void {
    if (error !== undefined) this.#failure ??= { reason: error }
    this.#ended = true
    this.#notify()
  }

  #notify (): void {
    const wake = this.#wake
    this.#wake = undefined
    if (wake !== undefined) wake()
    else this.#callUnread()
  }

  /** Once, because what it does may end the stream, which is told here as well. */
  #callUnread (): void {
    const { onUnread } = this
    this.onUnread = undefined
    onUnread?.()
  }
}
