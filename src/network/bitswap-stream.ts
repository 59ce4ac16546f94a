import { Uint8ArrayList } from 'uint8arraylist'
import { TimedOutError } from '../errors.ts'
import { bitswapStreamIdleMs, bitswapYieldMs, requestTimeoutMs, sendBytesTarget, sendStallTimeoutMs } from '../limits.ts'
import { flush, send } from './stream-writer.ts'
import type { Stream } from '@libp2p/interface'
import type { AbortOptions } from '../interface/primitives.ts'

/** What sending messages to a peer needs. */
export interface BitswapStreamInit {
  /** Opens a stream to the peer. Rejects when it is not connected, or does not speak the protocol. */
  open: (options: AbortOptions) => Promise<Stream>
  /** Aborted when the peer is gone. */
  signal: AbortSignal
  /** Whether somebody waits for what this peer keeps from others by not reading. */
  isAwaited?: () => boolean
  /** Milliseconds for the peer to read on, by default those of `limits.ts`. */
  stallMs?: number | undefined
}

/** Sends messages to one peer on a stream that stays open for a while, because to open one takes a round trip. */
export class BitswapStream {
  readonly #init: BitswapStreamInit
  #stream: Stream | undefined
  #idle: NodeJS.Timeout | undefined

  constructor (init: BitswapStreamInit) {
    this.#init = init
  }

  get isOpen (): boolean {
    return this.#stream?.writeStatus === 'writable'
  }

  /** Opens a stream when there is none. Only one call of this or `send` at a time. */
  async open (): Promise<Stream> {
    clearTimeout(this.#idle)
    if (this.#stream !== undefined && this.isOpen) return this.#stream
    const stream = await this.#init.open({ signal: this.#init.signal })
    // Answers come on streams of the other side.
    await stream.closeRead()
    this.#stream = stream
    return stream
  }

  /**
   * Sends a message, and resolves when this process holds none of it any more. A stream that the other side has ended meanwhile
   * is replaced once.
   *
   * @throws {@link TimedOutError} when the peer reads nothing of it for a while
   * @throws {@link PeerUnreachableError}, {@link RefusedError} when there is no stream to it
   */
  async send (parts: readonly Uint8Array[]): Promise<void> {
    const isNew = !this.isOpen
    const stream = await this.open()
    try {
      await this.#write(stream, parts)
    } catch (error) {
      this.#init.signal.throwIfAborted()
      this.#drop(stream, error)
      if (isNew || error instanceof TimedOutError) throw error
      await this.send(parts)
      return
    }
    this.#idle = setTimeout(() => { this.close() }, bitswapStreamIdleMs)
  }

  /** Ends the stream after what was sent. */
  close (): void {
    clearTimeout(this.#idle)
    const stream = this.#stream
    this.#stream = undefined
    stream?.close({ signal: AbortSignal.timeout(requestTimeoutMs) }).catch((error: unknown) => { this.#drop(stream, error) })
  }

  /** Ends the stream at once. */
  abort (reason: unknown): void {
    clearTimeout(this.#idle)
    if (this.#stream !== undefined) this.#drop(this.#stream, reason)
  }

  /** In pieces: a reader sees nothing of a frame before all of it is there. */
  async #write (stream: Stream, parts: readonly Uint8Array[]): Promise<void> {
    const message = new Uint8ArrayList(...parts)
    const { stallMs = sendStallTimeoutMs } = this.#init
    const unwatch = this.#watch(stream)
    try {
      for (let at = 0; at < message.byteLength; at += sendBytesTarget) {
        const piece = message.sublist(at, Math.min(at + sendBytesTarget, message.byteLength))
        await send(stream, piece, stallMs)
      }
      await flush(stream, stallMs)
    } finally {
      unwatch()
    }
  }

  /** Cuts a peer that reads nothing while somebody else could. */
  #watch (stream: Stream): () => void {
    const { isAwaited } = this.#init
    if (isAwaited === undefined) return () => {}
    let hasMoved = false
    const onDrain = (): void => { hasMoved = true }
    stream.addEventListener('drain', onDrain)
    const timer = setInterval(() => {
      if (!hasMoved && isAwaited()) stream.abort(new TimedOutError(`Nothing was read for ${bitswapYieldMs} ms, and others wait`))
      hasMoved = false
    }, bitswapYieldMs)
    return () => {
      stream.removeEventListener('drain', onDrain)
      clearInterval(timer)
    }
  }

  #drop (stream: Stream, reason: unknown): void {
    if (this.#stream === stream) this.#stream = undefined
    stream.abort(reason instanceof Error ? reason : new Error(String(reason)))
  }
}
