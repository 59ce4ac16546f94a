import { tcp } from '@libp2p/tcp'
import { checkTexts } from '../format/argument.ts'
import { compose } from './compose.ts'
import { DialGate } from './dial-gate.ts'
import { HandshakeGate } from './handshake-gate.ts'
import { listenAddresses, listenError } from './listen-addresses.ts'
import { parseNetworkKey } from './network-key.ts'
import { PeerConduct } from './peer-conduct.ts'
import { PeerGate } from './peer-gate.ts'
import { peerLimits } from './peer-limits.ts'
import { PeerNetwork } from './peer-network.ts'
import { PrivateNetwork } from './private-network.ts'
import { parseMultiaddr, parseRouterAddress } from './router-address.ts'
import { safeLog } from './safe-log.ts'
import type { Logger } from '../interface/data-node.ts'
import type { Network } from '../interface/network.ts'
import type { PeerLimits } from '../interface/peer-limits.ts'
import type { PeerRules } from '../interface/peers.ts'
import type { BlockReader } from '../interface/store.ts'
import type { Pace } from './bitswap-answers.ts'
import type { Transports } from './compose.ts'
import type { NodeIdentity } from './identity.ts'
import type { PeerDelegations } from './peer-delegations.ts'

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
  /** For which wallets peers speak. */
  delegations?: Pick<PeerDelegations, 'find' | 'forget'> | undefined
  /** What peers may take of this node. */
  limits?: PeerLimits | undefined
  log: Logger
  /** By default TCP. */
  transports?: Transports | undefined
  /** For jitter: at least 0 and less than 1. */
  random?: (() => number) | undefined
  /** Milliseconds of some clock that does not go back. */
  now?: (() => number) | undefined
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
  const { publicBlocks, pace, random = Math.random, now = () => performance.now() } = init
  const limits = peerLimits(init.limits)
  const gate = new DialGate()
  const log = safeLog(init.log)
  const conduct = new PeerConduct({ now, requestsPerSecond: limits.requestsPerSecondPerPeer, refusedMs: limits.refusalMs })
  const peerGate = new PeerGate({ rules: init.peers, routers, log, isRefused: peerId => conduct.isRefused(peerId) })
  const privateNetwork = init.networkKey === undefined ? undefined : new PrivateNetwork(parseNetworkKey(init.networkKey))
  const composition = await compose({
    key: init.identity.libp2pKey,
    listen,
    announce,
    transports: init.transports ?? [tcp()],
    gater: { ...gate.gater, ...new HandshakeGate({ ...limits, now }).gater, ...peerGate.gater },
    protector: privateNetwork
  }).catch((cause: unknown) => { throw listenError(listen, cause) ?? cause })
  const network = new PeerNetwork({
    composition, gate, peerGate, conduct, limits, privateNetwork, routers, publicBlocks, pace, log, now, random,
    delegations: init.delegations
  })
  await network.start()
  return network
}
