import { tcp } from '@libp2p/tcp'
import { StoppedError } from '../errors.ts'
import { checkTexts } from '../format/argument.ts'
import { bitswapProtocol } from '../format/bitswap-message.ts'
import { bitswapStreamsPerPeerMax, inboundStreamsPerPeerMax, stopTimeoutMs } from '../limits.ts'
import { Bitswap } from './bitswap.ts'
import { compose } from './compose.ts'
import { ConnectedPeers } from './connected-peers.ts'
import { DialGate } from './dial-gate.ts'
import { Dialler } from './dialler.ts'
import { HandshakeGate } from './handshake-gate.ts'
import { listenAddresses, listenError } from './listen-addresses.ts'
import { parseNetworkKey } from './network-key.ts'
import { PeerGate } from './peer-gate.ts'
import { PrivateNetwork } from './private-network.ts'
import { parseMultiaddr, parseRouterAddress } from './router-address.ts'
import { RouterKeeper } from './router-keeper.ts'
import { safeLog } from './safe-log.ts'
import { StreamHandlers } from './stream-handlers.ts'
import { within } from './within.ts'
import type { CID } from 'multiformats/cid'
import type { Stream } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'
import type { RouterHealth } from '../interface/health.ts'
import type { BitswapOptions, ConnectedPeer, Network, RouterPeer, StreamHandler } from '../interface/network.ts'
import type { PeerRules } from '../interface/peers.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { BlockReader } from '../interface/store.ts'
import type { Pace } from './bitswap-answers.ts'
import type { Composition, Transports } from './compose.ts'
import type { NodeIdentity } from './identity.ts'
import type { RouterAddress } from './router-address.ts'

/** What a network is made of. */
export interface NetworkInit {
  identity: NodeIdentity
  /** What bitswap may serve, to anyone. */
  publicBlocks: Pick<BlockReader, 'get' | 'has'>
  /** Nodes to stay connected to: multiaddrs, or `<address>@<host>:<port>`. */
  routers: readonly string[]
  /** TCP port on all IPv4 interfaces (0: chosen by the system), or multiaddrs. Without it no socket listens. */
  listen?: number | readonly string[] | undefined
  /** Multiaddrs to tell others in place of the ones listened on. */
  announce?: readonly string[] | undefined
  /** Waits until so many bytes may be sent by bitswap; by default they always may. */
  pace?: Pace | undefined
  /** Key of the private network that it is part of: 32 bytes, their digits, or a `swarm.key`. */
  networkKey?: Uint8Array | string | undefined
  /** Who may connect; everybody by default. */
  peers?: PeerRules | undefined
  log: Logger
  /** By default TCP. */
  transports?: Transports | undefined
  /** For jitter: at least 0 and less than 1. */
  random?: (() => number) | undefined
}

/**
 * Starts the peer. It does not wait for any other, and does not fail because of one.
 *
 * @throws {@link InvalidArgumentError} when a router, an address to listen on or to announce, or a rule is malformed
 * @throws {@link InvalidKeyError} when the network key is not one
 * @throws {@link ListenError} when it cannot listen where it has to
 */
export async function createNetwork (init: NetworkInit): Promise<Network> {
  const { announce: announced = [] } = init
  checkTexts(init.routers, 'routers')
  checkTexts(announced, 'announce')
  const routers = init.routers.map(parseRouterAddress)
  const listen = listenAddresses(init.listen)
  const announce = announced.map(address => parseMultiaddr(address).toString())
  const gate = new DialGate()
  const log = safeLog(init.log)
  const peerGate = new PeerGate({ rules: init.peers, routers, log })
  const privateNetwork = init.networkKey === undefined ? undefined : new PrivateNetwork(parseNetworkKey(init.networkKey))
  const composition = await compose({
    key: init.identity.libp2pKey,
    listen,
    announce,
    transports: init.transports ?? [tcp()],
    gater: { ...gate.gater, ...new HandshakeGate().gater, ...peerGate.gater },
    protector: privateNetwork
  }).catch((cause: unknown) => { throw listenError(listen, cause) ?? cause })
  const { publicBlocks, pace, random = Math.random } = init
  const network = new PeerNetwork({ composition, gate, peerGate, privateNetwork, routers, publicBlocks, pace, log, random })
  await network.start()
  return network
}

interface PeerNetworkInit extends Pick<NetworkInit, 'publicBlocks' | 'pace'> {
  composition: Composition
  gate: DialGate
  peerGate: PeerGate
  privateNetwork: PrivateNetwork | undefined
  routers: readonly RouterAddress[]
  log: Logger
  random: () => number
}

class PeerNetwork implements Network {
  readonly #composition: Composition
  readonly #peers = new ConnectedPeers()
  readonly #peerGate: PeerGate
  readonly #dialler: Dialler
  readonly #keeper: RouterKeeper
  readonly #handlers: StreamHandlers
  readonly #bitswap: Bitswap
  readonly #onDisconnect: ((peerId: string) => void)[] = []
  readonly #stopped = new AbortController()
  readonly #log: Logger
  #stopping: Promise<void> | undefined

  constructor ({ composition, gate, peerGate, privateNetwork, routers, publicBlocks, pace, log, random }: PeerNetworkInit) {
    const now = (): number => performance.now()
    this.#composition = composition
    this.#peerGate = peerGate
    this.#log = log
    this.#dialler = new Dialler({ libp2p: composition.libp2p, gate, peerGate, privateNetwork, peers: this.#peers, now })
    this.#handlers = new StreamHandlers({ peers: this.#peers, log })
    this.#bitswap = new Bitswap({
      publicBlocks,
      isConnected: peerId => this.#dialler.isConnected(peerId),
      open: (peerId, options) => this.#dialler.openStream({ peerId, address: undefined }, bitswapProtocol, options),
      pace,
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
    return this.#dialler.find(peer)
  }

  async connect (peer: string, options?: AbortOptions): Promise<ConnectedPeer> {
    this.#stopped.signal.throwIfAborted()
    return await this.#dialler.connect(peer, options)
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
    await this.#handle(protocol, handler, inboundStreamsPerPeerMax)
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
    await this.#composition.libp2p.handle(protocol, this.#handlers.wrap(protocol, handler), {
      maxInboundStreams: streamsMax,
      maxOutboundStreams: streamsMax
    })
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
    })
    libp2p.addEventListener('peer:connect', ({ detail }) => {
      this.#guard(() => { this.#keeper.peerConnected(this.#peers.add(detail)) })
    })
    libp2p.addEventListener('peer:disconnect', ({ detail }) => {
      const peerId = detail.toString()
      this.#guard(() => { this.#peers.remove(peerId) })
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
