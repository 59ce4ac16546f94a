import { NetworkKeyMismatchError, PeerDeniedError, PeerUnreachableError, RefusedError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import {
  dialTimeoutMs, headerTimeoutMs, inboundStreamsPerPeerMax, routerCheckTimeoutMs, streamBufferBytesMax
} from '../limits.ts'
import { peerOf } from './connected-peers.ts'
import { parsePeerName, peerName } from './peer-rules.ts'
import { parseMultiaddr, peerIdOf } from './router-address.ts'
import type { Connection, Libp2p, PeerId, Stream } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { ConnectedPeer } from '../interface/network.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ConnectedPeers } from './connected-peers.ts'
import type { DialGate } from './dial-gate.ts'
import type { PeerGate } from './peer-gate.ts'
import type { PrivateNetwork } from './private-network.ts'
import type { RouterDialler } from './router-link.ts'

/** What reaching others needs. */
export interface DiallerInit {
  libp2p: Pick<Libp2p, 'dial' | 'getConnections'>
  gate: DialGate
  /** Who may be connected. */
  peerGate: Pick<PeerGate, 'check'>
  /** Undefined when the network is open to all. */
  privateNetwork?: Pick<PrivateNetwork, 'takeMismatch'> | undefined
  peers: ConnectedPeers
  /** Told of each stream that is opened. */
  onStream?: ((stream: Stream, connection: Connection) => void) | undefined
  /** Milliseconds of some clock that does not go back. */
  now: () => number
}

/** How to dial. */
export interface DialOptions extends AbortOptions {
  /** Address or peer id of who has to answer. */
  expected?: string | undefined
}

/** Every peer answers a request for it, those that do not speak it by saying so. */
const pingProtocol = '/ipfs/ping/1.0.0'

/** Of a multiaddr. Reading it whole takes longer than all else when the peer is connected. */
const peerIdAtEnd = /^\/.*\/p2p\/([^/]+)$/

/** Reaches peers: those that are connected, and those whose multiaddr is named. */
export class Dialler {
  readonly #libp2p: Pick<Libp2p, 'dial' | 'getConnections'>
  readonly #gate: DialGate
  readonly #peerGate: Pick<PeerGate, 'check'>
  readonly #privateNetwork: Pick<PrivateNetwork, 'takeMismatch'> | undefined
  readonly #peers: ConnectedPeers
  readonly #onStream: DiallerInit['onStream']
  readonly #now: () => number

  constructor ({ libp2p, gate, peerGate, privateNetwork, peers, onStream, now }: DiallerInit) {
    this.#libp2p = libp2p
    this.#gate = gate
    this.#peerGate = peerGate
    this.#privateNetwork = privateNetwork
    this.#peers = peers
    this.#onStream = onStream
    this.#now = now
  }

  /** What keeping routers connected takes of it. */
  get forRouters (): RouterDialler {
    return {
      isConnected: peerId => this.isConnected(peerId),
      find: name => this.find(name),
      dial: ({ multiaddr, expectedAddress: expected }, options) => this.dial(multiaddr, { ...options, expected }),
      roundTrip: (peer, options) => this.roundTrip(peer, options),
      drop: (peer) => { this.drop(peer) }
    }
  }

  /** Finds a connected peer by its address, its peer id, or a multiaddr that ends with it. */
  find (name: string): ConnectedPeer | undefined {
    const peer = this.#peers.find(peerIdAtEnd.exec(name)?.[1] ?? name)
    return peer !== undefined && this.isConnected(peer.peerId) ? peer : undefined
  }

  isConnected (peerId: string): boolean {
    return this.#connection(peerId) !== undefined
  }

  /**
   * Finds a connected peer by address or peer id, or dials a multiaddr.
   *
   * @throws {@link PeerUnreachableError} when it is not connected, or cannot be dialled
   * @throws {@link PeerDeniedError} when the rules of this node do not allow it
   * @throws {@link InvalidArgumentError} when it starts with `/` and is not a multiaddr
   */
  async connect (name: string, { signal }: AbortOptions = {}): Promise<ConnectedPeer> {
    signal?.throwIfAborted()
    if (!name.startsWith('/')) {
      return this.find(name) ??
        unreachable(`${quote(name)} is not connected, and no multiaddr that could be dialled`, { peer: name })
    }
    const address = parseMultiaddr(name)
    const peerId = peerIdOf(address)
    return this.find(peerId?.toString() ?? '') ?? await this.#dial(address, peerId, { signal })
  }

  /**
   * Dials a multiaddr, where a peer of the name `expected` has to be when one is given.
   *
   * @throws {@link PeerUnreachableError}
   * @throws {@link NetworkKeyMismatchError} when it seems to be of another private network, or of none
   * @throws {@link PeerDeniedError} when the rules of this node do not allow it: before any socket is opened where it is named
   */
  async dial (address: Multiaddr, options: DialOptions = {}): Promise<ConnectedPeer> {
    return await this.#dial(address, peerIdOf(address), options)
  }

  /**
   * Opens a stream on a connection that is there.
   *
   * @throws {@link PeerUnreachableError} when the peer is not connected
   * @throws {@link RefusedError} when it does not speak the protocol
   */
  async openStream (peer: ConnectedPeer, protocol: string, { signal }: AbortOptions = {}): Promise<Stream> {
    signal?.throwIfAborted()
    const connection = this.#connection(peer.peerId) ?? unreachable(`${nameOf(peer)} is not connected`, { peer: peer.peerId })
    try {
      const stream = await connection.newStream(protocol, {
        signal: orTimeout(signal, headerTimeoutMs), maxOutboundStreams: inboundStreamsPerPeerMax
      })
      stream.maxReadBufferLength = streamBufferBytesMax
      this.#onStream?.(stream, connection)
      return stream
    } catch (cause) {
      signal?.throwIfAborted()
      if (isUnsupported(cause)) {
        throw new RefusedError(`${nameOf(peer)} does not speak ${protocol}`, { peer: peer.peerId, protocol, cause })
      }
      return unreachable(`${nameOf(peer)} opened no stream: ${messageOf(cause)}`, { peer: peer.peerId, cause })
    }
  }

  /** Milliseconds for a peer to answer. Rejects when it does not, or not in time. */
  async roundTrip (peer: ConnectedPeer, { signal }: AbortOptions = {}): Promise<number> {
    const connection = this.#connection(peer.peerId) ?? unreachable(`${nameOf(peer)} is not connected`, { peer: peer.peerId })
    const started = this.#now()
    try {
      const stream = await connection.newStream(pingProtocol, { signal: orTimeout(signal, routerCheckTimeoutMs) })
      stream.abort(new Error('answered'))
    } catch (error) {
      if (!isUnsupported(error)) {
        throw error
      }
    }
    return Math.round(this.#now() - started)
  }

  /** Closes every connection to a peer. */
  drop (peer: ConnectedPeer): void {
    for (const connection of this.#connections(peer.peerId)) {
      connection.abort(new PeerUnreachableError(`The connection to ${nameOf(peer)} is not wanted`))
    }
  }

  async #dial (address: Multiaddr, peerId: PeerId | undefined, { signal, expected }: DialOptions): Promise<ConnectedPeer> {
    if (expected !== undefined) this.#peerGate.check(parsePeerName(expected))
    if (peerId !== undefined) this.#peerGate.check(peerName(peerId))
    try {
      const connection = await this.#gate.open(address, () =>
        this.#libp2p.dial(address, { signal: orTimeout(signal, dialTimeoutMs) }))
      return this.#peers.find(connection.remotePeer.toString()) ?? peerOf(connection.remotePeer)
    } catch (cause) {
      signal?.throwIfAborted()
      const name = address.toString()
      const isOtherNetwork = this.#privateNetwork?.takeMismatch(address) === true || cause instanceof NetworkKeyMismatchError
      if (isOtherNetwork) throw otherNetwork(name, cause)
      // The gate's own error passes through libp2p.
      if (cause instanceof PeerDeniedError) throw cause
      return unreachable(`${name} cannot be reached: ${messageOf(cause)}`, { peer: name, cause })
    }
  }

  #connection (peerId: string): Connection | undefined {
    return this.#connections(peerId).find(({ status }) => status === 'open')
  }

  #connections (peerId: string): Connection[] {
    const id = this.#peers.idOf(peerId)
    return id === undefined ? [] : this.#libp2p.getConnections(id)
  }
}

function orTimeout (signal: AbortSignal | undefined, timeoutMs: number): AbortSignal {
  const deadline = AbortSignal.timeout(timeoutMs)
  return signal === undefined ? deadline : AbortSignal.any([signal, deadline])
}

function isUnsupported (error: unknown): boolean {
  return error instanceof Error && error.name === 'UnsupportedProtocolError'
}

function otherNetwork (peer: string, cause: unknown): NetworkKeyMismatchError {
  return new NetworkKeyMismatchError(
    `${peer} answers, and not under the networkKey of this node: both need the same one, or neither may have one`, { peer, cause })
}

function nameOf ({ address, peerId }: ConnectedPeer): string {
  return address ?? peerId
}

function messageOf (error: unknown): string {
  const message = error instanceof Error ? error.message : String(error)
  return error instanceof AggregateError ? [message, ...error.errors.map(messageOf)].join('; ') : message
}

function unreachable (message: string, details: { peer: string, cause?: unknown }): never {
  throw new PeerUnreachableError(message, details)
}
