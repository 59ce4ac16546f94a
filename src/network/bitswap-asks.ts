import { hash } from 'node:crypto'
import { CorruptTransferError, TimedOutError, UnavailableError } from '../errors.ts'
import { blockName, encodeBitswapMessage, prefixOf } from '../format/bitswap-message.ts'
import {
  bitswapAsksPerPeerMax, bitswapReceiveBytesMax, bitswapUnaskedBytesMax, blockBytesMax, fetchStallTimeoutMs,
  progressBytesMin
} from '../limits.ts'
import { BitswapStream } from './bitswap-stream.ts'
import { untilAborted } from '../format/until-aborted.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { LimitExceededError } from '../errors.ts'
import type { BitswapPresence, BitswapWant } from '../format/bitswap-message.ts'
import type { BitswapOptions } from '../interface/network.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/** What asking one peer needs. */
export interface PeerAsksInit {
  peerId: string
  open: (options: AbortOptions) => Promise<Stream>
  /** Aborted when the peer is gone. */
  signal: AbortSignal
}

/** How to ask. */
export interface AskOptions extends AbortOptions, BitswapOptions {}

/** A block that is asked for. */
interface Ask {
  /** How many were asked for before. */
  number: number
  name: string
  cid: CID
  answer: PromiseWithResolvers<Uint8Array>
  waiters: Set<AskOptions>
  /** Runs from when it was sent; undefined before. */
  deadline: NodeJS.Timeout | undefined
  /** Blocks that came and were asked for later. */
  overtaken: number
}

/**
 * What one peer is asked for: blocks, each once, those of one turn in one message. What comes is taken by its hash, and only if
 * it was asked for. Of what is no longer wanted the peer is told, also of what it has sent: Helia would not send it again for
 * some seconds.
 */
export class PeerAsks {
  readonly #init: PeerAsksInit
  readonly #stream: BitswapStream
  /** In the order in which they were sent, or will be. */
  readonly #asks = new Map<string, Ask>()
  readonly #cancels = new Map<string, CID>()
  #asksMade = 0
  #isFlushing = false
  #receivingBytes = 0
  #progressBytes = 0
  #unaskedBytesLeft: number = bitswapUnaskedBytesMax
  #cut: CorruptTransferError | undefined

  constructor (init: PeerAsksInit) {
    this.#init = init
    this.#stream = new BitswapStream(init)
    init.signal.addEventListener('abort', () => {
      this.#rejectAll(init.signal.reason)
      this.#stream.abort(init.signal.reason)
    })
  }

  /** Blocks that are asked for and have not come. */
  get size (): number {
    return this.#asks.size
  }

  /**
   * Asks for a block.
   *
   * @throws {@link UnavailableError} when the peer says that it does not have it
   * @throws {@link TimedOutError} when it sends nothing, or everything else
   * @throws {@link CorruptTransferError} when it sends too much that was not asked for, or a block that is too large
   * @throws {@link PeerUnreachableError}, {@link RefusedError} when it is gone, or does not speak bitswap
   */
  async ask (cid: CID, options: AskOptions = {}): Promise<Uint8Array> {
    options.signal?.throwIfAborted()
    this.#init.signal.throwIfAborted()
    if (this.#cut !== undefined) throw this.#cut
    const name = blockName(prefixOf(cid), cid.multihash.digest)
    const ask = this.#asks.get(name) ?? this.#add(name, cid)
    const waiter = { ...options }
    ask.waiters.add(waiter)
    try {
      return await untilAborted(ask.answer.promise, options.signal)
    } finally {
      ask.waiters.delete(waiter)
      if (ask.waiters.size === 0 && this.#asks.get(name) === ask) this.#withdraw(ask)
    }
  }

  /**
   * Whether a block of so many bytes, which begins to come, may be one that was asked for.
   *
   * @throws {@link CorruptTransferError} when the peer has begun more than it completes
   */
  begin (bytes: number): boolean {
    if (this.#cut !== undefined || this.#asks.size === 0) return false
    if (this.#receivingBytes + bytes > bitswapReceiveBytesMax) {
      throw this.#cutOff(`has begun to send more than ${bitswapReceiveBytesMax} bytes of blocks by bitswap at the same time`)
    }
    this.#receivingBytes += bytes
    return true
  }

  /** Says that a block of so many bytes has come, or will not come any more. */
  end (bytes: number): void {
    this.#receivingBytes -= bytes
  }

  /** Says that bytes of a block came that may be one that was asked for. A few are no progress. */
  progress (bytes: number): void {
    this.#progressBytes += bytes
    if (this.#progressBytes < progressBytesMin) return
    this.#progressBytes = 0
    for (const { deadline, waiters } of this.#asks.values()) {
      deadline?.refresh()
      for (const { onProgress } of waiters) onProgress?.()
    }
  }

  /** Takes a block. @throws {@link CorruptTransferError} when too much was not asked for */
  takeBlock (prefix: Uint8Array, bytes: Uint8Array): void {
    const ask = this.#asks.get(blockName(prefix, hash('sha256', bytes, 'buffer')))
    if (ask?.deadline === undefined) {
      this.unasked(bytes.length)
      return
    }
    this.#settle(ask)
    ask.answer.resolve(bytes)
    this.#overtake(ask)
    this.progress(progressBytesMin)
  }

  /** Takes a presence. That a block is there says nothing: it was asked for itself. @throws {@link CorruptTransferError} */
  takePresence ({ cid, has }: BitswapPresence): void {
    const ask = this.#asks.get(blockName(prefixOf(cid), cid.multihash.digest))
    if (ask?.deadline === undefined) this.unasked(cid.bytes.length)
    else if (!has) {
      this.#reject(ask, new UnavailableError(`${this.#init.peerId} does not have block ${cid.toString()}`, this.#about(cid)))
    }
  }

  /** Counts bytes that were not asked for. @throws {@link CorruptTransferError} when they are too many */
  unasked (bytes: number): void {
    this.#unaskedBytesLeft -= bytes
    if (this.#unaskedBytesLeft < 0) throw this.#cutOff('sends by bitswap what it was not asked for')
  }

  /** Ends what was asked for, because the peer sent what is not taken: nobody knows in place of which block. */
  refuse (cause: LimitExceededError): void {
    const { peerId: peer } = this.#init
    const why = `${peer} does not keep to the limits of bitswap: ${cause.message}`
    const reason = new CorruptTransferError(why, { ...cause.details, peer, cause })
    for (const ask of [...this.#asks.values()]) if (ask.deadline !== undefined) this.#withdraw(ask, reason)
  }

  #add (name: string, cid: CID): Ask {
    const answer = Promise.withResolvers<Uint8Array>()
    const ask: Ask = { number: this.#asksMade++, name, cid, answer, waiters: new Set(), deadline: undefined, overtaken: 0 }
    // Nobody may wait any more when it fails.
    answer.promise.catch(() => {})
    this.#asks.set(name, ask)
    this.#flushSoon()
    return ask
  }

  /** The peer may have sent it already, and is not blamed for it. */
  #withdraw (ask: Ask, reason?: unknown): void {
    if (ask.deadline !== undefined) this.#unaskedBytesLeft += blockBytesMax
    this.#reject(ask, reason)
  }

  #reject (ask: Ask, reason: unknown): void {
    this.#settle(ask)
    ask.answer.reject(reason)
  }

  #settle ({ name, cid, deadline }: Ask): void {
    clearTimeout(deadline)
    this.#asks.delete(name)
    if (deadline !== undefined) this.#cancels.set(name, cid)
    this.#flushSoon()
  }

  /** One before which so many later ones came is lost, however fast the others come. */
  #overtake ({ number }: Ask): void {
    for (const other of this.#asks.values()) {
      if (other.number > number) break
      if (other.deadline !== undefined && ++other.overtaken > bitswapAsksPerPeerMax) this.#timeOut(other)
    }
  }

  #timeOut (ask: Ask): void {
    this.#withdraw(ask, new TimedOutError(`${this.#init.peerId} did not send block ${ask.cid.toString()}`, this.#about(ask.cid)))
  }

  #cutOff (what: string): CorruptTransferError {
    this.#cut ??= new CorruptTransferError(`${this.#init.peerId} ${what}`, { peer: this.#init.peerId })
    this.#rejectAll(this.#cut)
    return this.#cut
  }

  #rejectAll (reason: unknown): void {
    for (const ask of [...this.#asks.values()]) this.#reject(ask, reason)
    this.#cancels.clear()
  }

  #flushSoon (): void {
    if (this.#isFlushing || this.#init.signal.aborted) return
    this.#isFlushing = true
    setImmediate(() => { void this.#flush() })
  }

  async #flush (): Promise<void> {
    try {
      for (let wants = this.#nextWants(); wants.length > 0; wants = this.#nextWants()) {
        await this.#stream.send(encodeBitswapMessage({ wants }))
      }
    } catch (error) {
      this.#rejectAll(error)
    } finally {
      this.#isFlushing = false
    }
  }

  /** What is asked for again waits for the message after the one with its cancel. */
  #nextWants (): BitswapWant[] {
    const wants: BitswapWant[] = [...this.#cancels.values()].map(cid => ({ cid, kind: 'cancel', sendDontHave: false }))
    let sent = 0
    for (const ask of this.#asks.values()) {
      if (++sent > bitswapAsksPerPeerMax) break
      if (ask.deadline !== undefined || this.#cancels.has(ask.name)) continue
      ask.deadline = setTimeout(() => { this.#timeOut(ask) }, fetchStallTimeoutMs)
      wants.push({ cid: ask.cid, kind: 'block', sendDontHave: true })
    }
    this.#cancels.clear()
    return wants
  }

  #about (cid: CID): { peer: string, cid: string } {
    return { peer: this.#init.peerId, cid: cid.toString() }
  }
}
