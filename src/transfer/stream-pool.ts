import { StoppedError } from '../errors.ts'
import { dagProtocol } from '../format/messages.ts'
import { idleStreamsPerPeerMax, outboundStreamsPerPeerMax } from '../limits.ts'
import { StreamReader } from './stream-reader.ts'
import type { Stream } from '@libp2p/interface'
import type { ConnectedPeer, Network } from '../interface/network.ts'

/** A stream that is ready for a request. */
export interface PooledStream {
  stream: Stream
  pieces: StreamReader
  /** True when it has carried an answer before; the other side may have given it up since. */
  reused: boolean
}

interface PeerStreams {
  idle: PooledStream[]
  used: number
  waiting: (() => void)[]
}

/** Keeps negotiated streams, so that a request to a peer that was asked before costs no round trip but its own. */
export class StreamPool {
  readonly #network: Pick<Network, 'openStream' | 'onDisconnect'>
  readonly #peers = new Map<string, PeerStreams>()
  #stopped = false

  constructor (network: Pick<Network, 'openStream' | 'onDisconnect'>) {
    this.#network = network
    network.onDisconnect((peerId) => { this.#dropIdle(peerId) })
  }

  /**
   * Takes an idle stream to a peer, or opens one. Waits while too many are in use. Each one taken must be given back or dropped.
   *
   * @throws {@link PeerUnreachableError}, {@link RefusedError} as `Network.openStream` does
   */
  async take (peer: ConnectedPeer, signal: AbortSignal, { fresh = false }: { fresh?: boolean } = {}): Promise<PooledStream> {
    if (this.#stopped) throw new StoppedError('The node was stopped')
    const streams = this.#streamsOf(peer.peerId)
    await reserve(streams, signal)
    const idle = fresh ? undefined : takeQuiet(streams.idle)
    if (idle !== undefined) return idle
    try {
      const stream = await this.#network.openStream(peer, dagProtocol, { signal })
      if (!signal.aborted) return { stream, pieces: new StreamReader(stream), reused: false }
      stream.abort(new StoppedError('The stream is not wanted any more'))
      throw signal.reason
    } catch (error) {
      this.#free(peer.peerId)
      throw error
    }
  }

  /** Gives back a stream whose answer has ended as it should. */
  give (peerId: string, { stream, pieces }: PooledStream): void {
    const { idle } = this.#streamsOf(peerId)
    if (!this.#stopped && pieces.isQuiet && idle.length < idleStreamsPerPeerMax) {
      idle.push({ stream, pieces, reused: true })
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
    this.#stopped = true
    for (const peerId of [...this.#peers.keys()]) this.#dropIdle(peerId)
  }

  #streamsOf (peerId: string): PeerStreams {
    const known = this.#peers.get(peerId)
    if (known !== undefined) return known
    const streams: PeerStreams = { idle: [], used: 0, waiting: [] }
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
    for (const { pieces } of streams.idle.splice(0)) pieces.fail(new StoppedError('The connection was closed'))
    this.#forgetUnused(peerId, streams)
  }

  #forgetUnused (peerId: string, { idle, used, waiting }: PeerStreams): void {
    if (idle.length === 0 && used === 0 && waiting.length === 0) this.#peers.delete(peerId)
  }
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
    if (pooled.pieces.isQuiet) return pooled
    pooled.pieces.fail(new StoppedError('The stream ended while it was idle'))
  }
  return undefined
}
