import { DataNodeError, PeerUnreachableError, TimedOutError } from '../errors.ts'
import { CarDecoder } from '../format/car.ts'
import { messageMemory, receivedMemory } from '../format/claimed-memory.ts'
import { rawCodec } from '../format/dag-links.ts'
import { AnswerReader } from '../format/message-reader.ts'
import { encodeRequest } from '../format/messages.ts'
import {
  answerEndTimeoutMs, betweenBlocksBytesMax, headerTimeoutMs, progressBytesMin
} from '../limits.ts'
import { checkSize } from './check-size.ts'
import { decoded } from './decoded.ts'
import { ReceiveWindow } from './receive-window.ts'
import { refusalOf } from './refusal.ts'
import { TurnFaults } from './turn-faults.ts'
import type { DagAnswer, DagHeader, DagStatus } from '../format/messages.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { ProviderTurn } from './provider-turn.ts'
import type { PooledStream, StreamPool } from './stream-pool.ts'

/**
 * Asks one provider, over a stream, for what is missing. Resolves when its answer has ended and nothing is missing.
 *
 * @throws {@link UnavailableError} it does not have it, or not for us; {@link RefusedError} it is busy or calls the request
 * bad
 * @throws {@link CorruptTransferError} it sent something else; {@link TimedOutError} it stalled; {@link PeerUnreachableError}
 * it was lost
 * @throws {@link LimitExceededError} it announced more bytes than allowed; {@link StorageFullError} than can ever be stored
 */
export async function askByStream (pool: StreamPool, peer: ConnectedPeer, turn: ProviderTurn): Promise<void> {
  const first = new StreamTurn(peer, await pool.take(peer, turn.signal), turn)
  try {
    await first.run(pool)
  } catch (error) {
    if (!first.wasIdleDeath(error)) throw error
    await new StreamTurn(peer, await pool.take(peer, turn.signal, { fresh: true }), turn).run(pool)
  }
}

class StreamTurn {
  readonly #peer: ConnectedPeer
  readonly #pooled: PooledStream
  readonly #turn: ProviderTurn
  readonly #faults: TurnFaults
  readonly #window: ReceiveWindow
  readonly #answers = new AnswerReader()
  readonly #car = new CarDecoder()
  #header: DagHeader | undefined
  #end: DagStatus | undefined
  /** True when the answer was as it has to be, up to its end. */
  #isSound = false
  #receivedBytes = 0
  #askedAt = 0
  /** Milliseconds to wait for progress, and those that are left of them. */
  #allowedMs: number
  #patienceMs: number
  #bytesWithoutProgress = 0
  #bytesWithoutBlock = 0
  /** Memory of a piece in which a block is that came with it. */
  #keptMemory: ArrayBufferLike | undefined

  constructor (peer: ConnectedPeer, pooled: PooledStream, turn: ProviderTurn) {
    this.#peer = peer
    this.#pooled = pooled
    this.#turn = turn
    this.#faults = new TurnFaults(peer, turn.frontier.root)
    this.#window = new ReceiveWindow(pooled.stream)
    this.#allowedMs = Math.min(headerTimeoutMs, turn.stallTimeoutMs)
    this.#patienceMs = this.#allowedMs
  }

  /** True when a stream that had been idle turned out to be dead: the provider has not refused anything. */
  wasIdleDeath (error: unknown): boolean {
    return this.#pooled.reused && this.#receivedBytes === 0 && error instanceof PeerUnreachableError
  }

  /** Gives the stream back when it can be used again, and ends it in every other case. */
  async run (pool: StreamPool): Promise<void> {
    const { signal } = this.#turn
    const onAbort = (): void => { this.#pooled.pieces.fail(signal.reason) }
    signal.addEventListener('abort', onAbort, { once: true })
    let failure: unknown
    try {
      signal.throwIfAborted()
      await this.#exchange()
      this.#checkStatus()
    } catch (error) {
      failure = error
      throw error
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (this.#isReusable()) pool.give(this.#peer.peerId, this.#pooled)
      else pool.drop(this.#peer.peerId, this.#pooled, failure ?? this.#faults.lost('did not end its answer'))
    }
  }

  async #exchange (): Promise<void> {
    const { frontier } = this.#turn
    this.#send()
    while (this.#end === undefined) {
      const piece = await this.#nextPiece()
      if (piece === undefined) return
      const { length } = piece
      this.#receivedBytes += length
      this.#turn.onBytes(length)
      this.#window.took(length)
      const bytesBefore = frontier.bytes
      const wasComplete = frontier.isComplete
      const hadHeader = this.#header !== undefined
      try {
        for (const answer of decoded(this.#answers.read(piece), cause => this.#faults.unreadable(cause))) this.#take(answer)
      } finally {
        if (frontier.bytes > bytesBefore) this.#turn.onBlocks()
      }
      // A header is kept as it came.
      if (hadHeader && this.#keptMemory !== piece.buffer) messageMemory.free(piece)
      // Somebody who does not know that it was enough is not listened to any further.
      if ((wasComplete && frontier.bytes > bytesBefore) || (frontier.isCut && frontier.isComplete)) return
      this.#noteProgress(length, frontier.bytes > bytesBefore)
      this.#turn.signal.throwIfAborted()
      await frontier.room()
      await this.#turn.pace(length)
    }
    this.#isSound = true
  }

  #send (): void {
    this.#turn.onAsk()
    this.#askedAt = performance.now()
    try {
      const { show, stream } = this.#pooled
      stream.send(encodeRequest({ ...this.#turn.frontier.request(), ...show === undefined ? {} : { delegation: show } }))
    } catch (cause) {
      throw this.#faults.lost('closed its stream', cause)
    }
  }

  /** Undefined when the answer is not needed any further: everything is here, only its end is not. */
  async #nextPiece (): Promise<Uint8Array | undefined> {
    if (this.#header?.status === 'ok') this.#window.adjust(this.#turn.windowBytes())
    const isComplete = this.#header?.status === 'ok' && this.#turn.frontier.isComplete
    const timeoutMs = isComplete ? Math.min(answerEndTimeoutMs, this.#patienceMs) : this.#patienceMs
    const startedAt = performance.now()
    try {
      const piece = await this.#pooled.pieces.next(timeoutMs, () => this.#stalled())
      this.#patienceMs = Math.max(0, this.#patienceMs - (performance.now() - startedAt))
      if (piece !== undefined || isComplete) return piece
    } catch (error) {
      this.#turn.signal.throwIfAborted()
      if (isComplete) return undefined
      throw error instanceof DataNodeError ? error : this.#faults.lost('broke off its stream', error)
    }
    throw this.#faults.lost('ended its stream before its answer')
  }

  #noteProgress (bytes: number, hasBlock: boolean): void {
    this.#bytesWithoutBlock = hasBlock ? 0 : this.#bytesWithoutBlock + bytes
    if (this.#bytesWithoutBlock > betweenBlocksBytesMax) {
      throw this.#faults.corrupt(`sent ${this.#bytesWithoutBlock} bytes without a block that was asked for`)
    }
    this.#bytesWithoutProgress += bytes
    if (!hasBlock && this.#bytesWithoutProgress < progressBytesMin) return
    this.#bytesWithoutProgress = 0
    this.#allowedMs = this.#turn.stallTimeoutMs
    this.#patienceMs = this.#allowedMs
  }

  #take (answer: DagAnswer): void {
    if (this.#end !== undefined) throw this.#faults.corrupt('sent more after the end of its answer')
    if (answer.type === 'header') this.#takeHeader(answer.header)
    else if (this.#header === undefined) throw this.#faults.corrupt(`sent ${answer.type} before a header`)
    else if (answer.type === 'data') this.#takeData(answer.bytes, this.#header)
    else this.#takeEnd(answer.status)
  }

  #takeHeader (header: DagHeader): void {
    if (this.#header !== undefined) throw this.#faults.corrupt('sent a second header')
    this.#header = header
    this.#window.begin(performance.now() - this.#askedAt)
    if (header.status !== 'ok') {
      this.#end = header.status
      return
    }
    if (this.#turn.frontier.isWhole && header.size !== undefined) {
      checkSize(header.size, this.#turn, { peer: this.#peer.peerId, name: this.#faults.name })
    }
    this.#turn.onHeader(header)
    this.#window.adjust(this.#turn.windowBytes())
  }

  #takeData (bytes: Uint8Array, { size }: DagHeader): void {
    const { frontier } = this.#turn
    for (const block of decoded(this.#car.read(bytes), cause => this.#faults.unreadable(cause))) {
      if (this.#car.roots?.length !== 1 || this.#car.roots[0]?.equals(frontier.root) !== true) {
        throw this.#faults.corrupt('sent a CAR of another root')
      }
      if (frontier.isCut && frontier.isComplete) return
      if (block.bytes.buffer === bytes.buffer) this.#keptMemory = bytes.buffer
      else if (block.cid.code === rawCodec) receivedMemory.claim(block.bytes)
      frontier.accept(block.cid, block.bytes, this.#peer.peerId)
      if (size !== undefined && frontier.bytes > size) throw this.#faults.corrupt(`announced ${size} bytes and sent more`)
    }
  }

  #takeEnd (status: DagStatus): void {
    this.#end = status
    if (status !== 'ok') return
    this.#endCar()
    const { expected } = this.#turn.frontier
    if (this.#turn.frontier.end() || expected === undefined) return
    throw this.#faults.corrupt(`ended its answer before block ${expected.cid.toString()}`)
  }

  /** @throws when the answer, which has come as a whole, is a refusal */
  #checkStatus (): void {
    const details = { ...this.#faults.details(), retryAfterMs: this.#header?.retryAfterMs }
    const refusal = refusalOf(this.#end ?? 'ok', this.#faults.name, details)
    if (refusal !== undefined) throw refusal
  }

  #isReusable (): boolean {
    return this.#isSound && this.#end !== 'bad-request' && this.#end !== 'unknown' && this.#answers.atStart
  }

  #endCar (): void {
    try {
      this.#car.end()
    } catch (cause) {
      throw this.#faults.unreadable(cause)
    }
  }

  #stalled (): TimedOutError {
    const what = this.#header === undefined ? 'did not answer' : 'sent nothing of use'
    return new TimedOutError(`${this.#faults.name} ${what} for ${this.#allowedMs} ms`, this.#faults.details())
  }
}
