import { StoppedError } from '../errors.ts'
import { bitswapProtocol } from '../format/bitswap-message.ts'
import { bitswapStreamsPerPeerMax, stopTimeoutMs } from '../limits.ts'
import { Bitswap } from './bitswap.ts'
import { ConnectedPeers } from './connected-peers.ts'
import { ConnectionPlaces } from './connection-places.ts'
import { Dialler } from './dialler.ts'
import { peerName } from './peer-rules.ts'
import { RouterKeeper } from './router-keeper.ts'
import { StreamHandlers } from './stream-handlers.ts'
import { within } from './within.ts'
import type { CID } from 'multiformats/cid'
import type { Connection, Stream } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'
import type { RouterHealth } from '../interface/health.ts'
import type { BitswapOptions, ConnectedPeer, Network, RouterPeer, StreamHandler } from '../interface/network.ts'
import type { PeerLimits } from '../interface/peer-limits.ts'
import type { PeerRules } from '../interface/peers.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { Pace } from './bitswap-answers.ts'
import type { Composition } from './compose.ts'
import type { DialGate } from './dial-gate.ts'
import type { PeerConduct } from './peer-conduct.ts'
import type { PeerDelegations } from './peer-delegations.ts'
import type { PeerGate } from './peer-gate.ts'
import type { PrivateNetwork } from './private-network.ts'
import type { RouterAddress } from './router-address.ts'

/** What a running peer is made of. */
export interface PeerNetworkInit {
  /** What bitswap may serve, to anyone. */
  publicBlocks: Pick<BlockReader, 'get' | 'has'>
  pace: Pace | undefined
  composition: Composition
  gate: DialGate
  peerGate: PeerGate
  conduct: PeerConduct
  limits: Required<PeerLimits>
  privateNetwork: PrivateNetwork | undefined
  routers: readonly RouterAddress[]
  delegations?: Pick<PeerDelegations, 'find' | 'forget'> | undefined
  log: Logger
  /** Milliseconds of some clock that does not go back. */
  now: () => number
  random: () => number
}

/** The peer, its parts brought together. */
export class PeerNetwork implements Network {
  readonly #composition: Composition
  readonly #peers = new ConnectedPeers()
  readonly #peerGate: PeerGate
  readonly #places: ConnectionPlaces
  readonly #streamsPerPeer: number
  readonly #dialler: Dialler
  readonly #keeper: RouterKeeper
  readonly #handlers: StreamHandlers
  readonly #bitswap: Bitswap
  readonly #onDisconnect: ((peerId: string) => void)[] = []
  readonly #stopped = new AbortController()
  readonly #delegations: PeerNetworkInit['delegations']
  readonly #log: Logger
  #stopping: Promise<void> | undefined

  constructor (init: PeerNetworkInit) {
    const { composition, gate, peerGate, conduct, limits, privateNetwork, routers, publicBlocks, pace, log, now, random } = init
    const { libp2p } = composition
    this.#composition = composition
    this.#peerGate = peerGate
    this.#delegations = init.delegations
    this.#log = log
    this.#streamsPerPeer = limits.streamsPerPeer
    this.#places = new ConnectionPlaces({
      connections: () => libp2p.getConnections(),
      isKnown: ({ remotePeer }) => peerGate.isKnown(peerName(remotePeer)),
      now,
      log,
      max: limits.connections
    })
    const onStream = (stream: Stream, connection: Connection): void => { this.#places.watch(stream, connection) }
    this.#dialler = new Dialler({ libp2p, gate, peerGate, privateNetwork, peers: this.#peers, onStream, now })
    this.#handlers = new StreamHandlers({ peers: this.#peers, conduct, onStream, log })
    conduct.onRefused((peerId) => { this.#refuse(peerId) })
    this.#bitswap = new Bitswap({
      publicBlocks,
      isConnected: peerId => this.#dialler.isConnected(peerId),
      open: (peerId, options) => this.#dialler.openStream({ peerId, address: undefined }, bitswapProtocol, options),
      pace,
      stallMs: limits.stallMs,
      stopped: this.#stopped.signal,
      log
    })
    this.#keeper = new RouterKeeper({
      addresses: routers,
      dialler: this.#dialler.forRouters,
      now,
      random,
      log
    })
    this.#follow()
  }

  /** Bitswap is served before a router is dialled, which asks once what is spoken here. */
  async start (): Promise<void> {
    await this.#handle(bitswapProtocol, this.#bitswap.handle, bitswapStreamsPerPeerMax)
    this.#keeper.start()
  }

  get multiaddrs (): readonly string[] {
    return this.#composition.libp2p.getMultiaddrs().map(String)
  }

  get connections (): number {
    return this.#composition.libp2p.getConnections().length
  }

  routers (): RouterHealth[] {
    return this.#keeper.health()
  }

  routerPeers (): RouterPeer[] {
    return this.#keeper.routers()
  }

  onRouter (listener: (peer: ConnectedPeer) => void): void {
    this.#keeper.onRouter(listener)
  }

  async ready (options?: AbortOptions): Promise<void> {
    await this.#keeper.ready(options)
  }

  find (peer: string): ConnectedPeer | undefined {
    const found = this.#dialler.find(peer)
    if (found !== undefined || !peer.startsWith('0x')) return found
    const speaker = this.#delegations?.find(peer)
    return speaker === undefined ? undefined : this.#dialler.find(speaker.peerId)
  }

  async connect (peer: string, options?: AbortOptions): Promise<ConnectedPeer> {
    this.#stopped.signal.throwIfAborted()
    return await this.#dialler.connect(this.find(peer)?.peerId ?? peer, options)
  }

  setPeers (rules: PeerRules): void {
    this.#stopped.signal.throwIfAborted()
    this.#peerGate.set(rules)
    for (const connection of this.#composition.libp2p.getConnections()) this.#peerGate.closeIfDenied(connection)
  }

  async openStream (peer: ConnectedPeer, protocol: string, options?: AbortOptions): Promise<Stream> {
    this.#stopped.signal.throwIfAborted()
    return await this.#dialler.openStream(peer, protocol, options)
  }

  async handle (protocol: string, handler: StreamHandler): Promise<void> {
    await this.#handle(protocol, handler, this.#streamsPerPeer)
  }

  bitswap (root: CID, peers: readonly ConnectedPeer[], options?: BitswapOptions): Pick<BlockReader, 'get'> {
    return this.#bitswap.reader(root, peers, options)
  }

  onDisconnect (listener: (peerId: string) => void): void {
    this.#onDisconnect.push(listener)
  }

  stop (): Promise<void> {
    this.#stopping ??= this.#stop()
    return this.#stopping
  }

  async #handle (protocol: string, handler: StreamHandler, streamsMax: number): Promise<void> {
    this.#stopped.signal.throwIfAborted()
    await this.#composition.libp2p.handle(protocol, this.#handlers.wrap(protocol, handler, streamsMax), {
      // They are counted for each peer in place of each connection.
      maxInboundStreams: Infinity,
      maxOutboundStreams: streamsMax
    })
  }

  #refuse (peerId: string): void {
    this.#log(`refuses ${peerId} for a while: it went on asking after it was told that it asks too often`)
    this.#dialler.drop({ peerId, address: undefined })
  }

  async #stop (): Promise<void> {
    const reason = new StoppedError('The node was stopped')
    this.#stopped.abort(reason)
    this.#keeper.stop()
    const { libp2p } = this.#composition
    for (const stream of libp2p.getConnections().flatMap(({ streams }) => [...streams])) stream.abort(reason)
    // two nodes that close a connection at the same time may wait for one another
    await within(stopTimeoutMs / 4, Promise.all(libp2p.getConnections().map(async connection => { await connection.close() })))
    for (const connection of libp2p.getConnections()) connection.abort(reason)
    await within(stopTimeoutMs / 4, this.#composition.stop())
    await this.#handlers.settled()
  }

  /** What a listener of an event throws ends the process. */
  #follow (): void {
    const { libp2p } = this.#composition
    // The rules may have changed between its handshake and now.
    libp2p.addEventListener('connection:open', ({ detail }) => {
      this.#guard(() => { this.#peerGate.closeIfDenied(detail) })
      this.#guard(() => { this.#places.take(detail) })
    })
    libp2p.addEventListener('peer:connect', ({ detail }) => {
      this.#guard(() => { this.#keeper.peerConnected(this.#peers.add(detail)) })
    })
    libp2p.addEventListener('peer:disconnect', ({ detail }) => {
      const peerId = detail.toString()
      this.#guard(() => { this.#peers.remove(peerId) })
      this.#guard(() => { this.#delegations?.forget(peerId) })
      this.#guard(() => { this.#keeper.peerDisconnected(peerId) })
      this.#guard(() => { this.#bitswap.forget(peerId) })
      for (const listener of this.#onDisconnect) {
        this.#guard(() => { listener(peerId) })
      }
    })
  }

  #guard (action: () => void): void {
    try {
      action()
    } catch (error) {
      this.#log(`a listener failed: ${String(error)}`)
    }
  }
}
