import { StoppedError } from '../errors.ts'
import { dagProtocol } from '../format/messages.ts'
import {
  firstWindowBytes, headerTimeoutMs, idleStreamsPerPeerMax, outboundStreamsPerPeerMax, spareStreamsMs, spareStreamsPerPeer
} from '../limits.ts'
import { announceWindow } from '../network/stream-window.ts'
import { StreamReader } from './stream-reader.ts'
import type { Stream } from '@libp2p/interface'
import type { ConnectedPeer, Network } from '../interface/network.ts'

/** A stream that is ready for a request. */
export interface PooledStream {
  stream: Stream
  pieces: StreamReader
  /** True when it was not opened for this request; the other side may have given it up since. */
  reused: boolean
  /** Goes with the first request on it: by what this node says that it speaks for a wallet. */
  show?: Uint8Array | undefined
}

interface PeerStreams {
  idle: PooledStream[]
  used: number
  /** Streams that are being opened ahead. */
  opening: number
  /** Those who take the next of them, as soon as it is open; it is undefined when it could not be. */
  claims: ((ahead: PooledStream | undefined) => void)[]
  waiting: (() => void)[]
  /** Ends what has been idle for a while, but for a few. */
  trimming: NodeJS.Timeout | undefined
}

/**
 * Keeps negotiated streams with a window announced on them, so that a request costs no round trip but its own: those that
 * were used before, and a few that are opened ahead to peers who are likely to be asked.
 */
export class StreamPool {
  readonly #network: Pick<Network, 'openStream' | 'onDisconnect'>
  readonly #show: Uint8Array | undefined
  readonly #peers = new Map<string, PeerStreams>()
  /** Those with whom no stream could be opened ahead; they are not bothered again while they are connected. */
  readonly #unwilling = new Set<string>()
  readonly #stopped = new AbortController()

  constructor (network: Pick<Network, 'openStream' | 'onDisconnect'>, { show }: Pick<PooledStream, 'show'> = {}) {
    this.#network = network
    this.#show = show
    network.onDisconnect((peerId) => {
      this.#unwilling.delete(peerId)
      this.#dropIdle(peerId)
    })
  }

  /** Opens streams to a peer ahead of any request. That it cannot is no failure: the request will tell. */
  async prepare (peer: ConnectedPeer, { spare = spareStreamsPerPeer }: { spare?: number } = {}): Promise<void> {
    if (this.#unwilling.has(peer.peerId)) return
    const streams = this.#streamsOf(peer.peerId)
    const free = outboundStreamsPerPeerMax - streams.used - streams.idle.length - streams.opening
    const missing = Math.min(spare - streams.idle.length - streams.opening, free)
    await Promise.all(Array.from({ length: Math.max(0, missing) }, async () => { await this.#openAhead(peer, streams) }))
    this.#forgetUnused(peer.peerId, streams)
  }

  /**
   * Takes an idle stream to a peer, or opens one. Waits while too many are in use. Each one taken must be given back or dropped.
   *
   * @throws {@link PeerUnreachableError}, {@link RefusedError} as `Network.openStream` does
   */
  async take (peer: ConnectedPeer, signal: AbortSignal, { fresh = false }: { fresh?: boolean } = {}): Promise<PooledStream> {
    if (this.#stopped.signal.aborted) throw stopped()
    const streams = this.#streamsOf(peer.peerId)
    await reserve(streams, signal)
    const idle = fresh ? undefined : takeQuiet(streams.idle)
    if (idle !== undefined) return idle
    try {
      const ahead = fresh ? undefined : await claimAhead(streams, signal)
      if (ahead !== undefined) return ahead
      // Those that are idle count as well, for the peer.
      if (streams.used + streams.idle.length > outboundStreamsPerPeerMax) endIdle(streams, 1)
      return await this.#open(peer, signal)
    } catch (error) {
      this.#free(peer.peerId)
      throw error
    }
  }

  /** Gives back a stream whose answer has ended as it should. */
  give (peerId: string, { stream, pieces }: PooledStream): void {
    const streams = this.#streamsOf(peerId)
    if (!this.#stopped.signal.aborted && pieces.isQuiet) {
      announceWindow(stream, firstWindowBytes)
      keepIdle(streams, { stream, pieces, reused: true })
      if (streams.idle.length > idleStreamsPerPeerMax) trimLater(streams)
    } else {
      stream.abort(new StoppedError('The stream is not needed any more'))
    }
    this.#free(peerId)
  }

  /** Ends a stream that cannot be used again. */
  drop (peerId: string, { pieces }: PooledStream, reason: unknown): void {
    pieces.fail(reason)
    this.#free(peerId)
  }

  /** Ends what is idle. What is in use is ended by its user. */
  stop (): void {
    this.#stopped.abort(stopped())
    for (const peerId of [...this.#peers.keys()]) this.#dropIdle(peerId)
  }

  async #open (peer: ConnectedPeer, signal: AbortSignal): Promise<PooledStream> {
    const stream = await this.#network.openStream(peer, dagProtocol, { signal })
    if (signal.aborted) {
      stream.abort(new StoppedError('The stream is not wanted any more'))
      throw signal.reason
    }
    announceWindow(stream, firstWindowBytes)
    return { stream, pieces: new StreamReader(stream), reused: false, show: this.#show }
  }

  async #openAhead (peer: ConnectedPeer, streams: PeerStreams): Promise<void> {
    streams.opening++
    try {
      const signal = AbortSignal.any([this.#stopped.signal, AbortSignal.timeout(headerTimeoutMs)])
      const opened = { ...await this.#open(peer, signal), reused: true }
      const claim = streams.claims.shift()
      if (claim !== undefined) claim(opened)
      else if (streams.idle.length < idleStreamsPerPeerMax) keepIdle(streams, opened)
      else opened.stream.abort(new StoppedError('The stream is not needed any more'))
    } catch {
      // Whoever asks this peer finds out why.
      this.#unwilling.add(peer.peerId)
      streams.claims.shift()?.(undefined)
    } finally {
      streams.opening--
    }
  }

  #streamsOf (peerId: string): PeerStreams {
    const known = this.#peers.get(peerId)
    if (known !== undefined) return known
    const streams: PeerStreams = { idle: [], used: 0, opening: 0, claims: [], waiting: [], trimming: undefined }
    this.#peers.set(peerId, streams)
    return streams
  }

  #free (peerId: string): void {
    const streams = this.#streamsOf(peerId)
    const next = streams.waiting.shift()
    if (next === undefined) streams.used--
    else next()
    this.#forgetUnused(peerId, streams)
  }

  #dropIdle (peerId: string): void {
    const streams = this.#peers.get(peerId)
    if (streams === undefined) return
    clearTimeout(streams.trimming)
    for (const { pieces } of streams.idle.splice(0)) pieces.fail(new StoppedError('The connection was closed'))
    this.#forgetUnused(peerId, streams)
  }

  #forgetUnused (peerId: string, { idle, used, opening, waiting }: PeerStreams): void {
    if (idle.length === 0 && used === 0 && opening === 0 && waiting.length === 0) this.#peers.delete(peerId)
  }
}

/** What comes on a stream without a request is not kept: it ends the stream. */
function keepIdle ({ idle }: PeerStreams, pooled: PooledStream): void {
  idle.push(pooled)
  pooled.pieces.onUnread = () => {
    const index = idle.indexOf(pooled)
    if (index >= 0) idle.splice(index, 1)
    pooled.pieces.fail(new StoppedError('The stream was used or ended while it was idle'))
  }
}

/** Those that are used again and again stay: they come to the end. */
function trimLater (streams: PeerStreams): void {
  streams.trimming ??= setTimeout(() => {
    streams.trimming = undefined
    endIdle(streams, streams.idle.length - idleStreamsPerPeerMax)
  }, spareStreamsMs).unref()
}

function endIdle ({ idle }: PeerStreams, count: number): void {
  for (const { pieces } of idle.splice(0, Math.max(0, count))) pieces.fail(new StoppedError('The stream is not needed any more'))
}

/**
 * Waits for a stream that is being opened ahead and that nobody else waits for: one that is opened now would come later.
 * Undefined when there is none, or it cannot be opened.
 */
async function claimAhead (streams: PeerStreams, signal: AbortSignal): Promise<PooledStream | undefined> {
  // Waiting for a place may have taken a while.
  signal.throwIfAborted()
  if (streams.opening <= streams.claims.length) return undefined
  const { promise, resolve } = Promise.withResolvers<PooledStream | undefined>()
  const onAbort = (): void => {
    const index = streams.claims.indexOf(resolve)
    if (index >= 0) streams.claims.splice(index, 1)
    resolve(undefined)
  }
  streams.claims.push(resolve)
  signal.addEventListener('abort', onAbort, { once: true })
  const ahead = await promise
  signal.removeEventListener('abort', onAbort)
  if (!signal.aborted) return ahead
  ahead?.pieces.fail(new StoppedError('The stream is not wanted any more'))
  throw signal.reason
}

/** Whoever frees a place hands it on to the first that waits; who was handed one keeps it, even if aborted meanwhile. */
async function reserve (streams: PeerStreams, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  if (streams.used < outboundStreamsPerPeerMax) {
    streams.used++
    return
  }
  const { promise, resolve } = Promise.withResolvers<undefined>()
  const wake = (): void => { resolve(undefined) }
  streams.waiting.push(wake)
  signal.addEventListener('abort', wake, { once: true })
  await promise
  signal.removeEventListener('abort', wake)
  const index = streams.waiting.indexOf(wake)
  if (index < 0) return
  streams.waiting.splice(index, 1)
  signal.throwIfAborted()
}

function takeQuiet (idle: PooledStream[]): PooledStream | undefined {
  for (let pooled = idle.pop(); pooled !== undefined; pooled = idle.pop()) {
    pooled.pieces.onUnread = undefined
    if (pooled.pieces.isQuiet) return pooled
    pooled.pieces.fail(new StoppedError('The stream ended while it was idle'))
  }
  return undefined
}

function stopped (): StoppedError {
  return new StoppedError('The node was stopped')
}
