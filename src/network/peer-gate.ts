import { PeerDeniedError } from '../errors.ts'
import { routeOf } from './dial-gate.ts'
import { parsePeerName, parsePeerRules, peerName } from './peer-rules.ts'
import type { Connection, ConnectionGater, PeerId } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'
import type { PeerRules } from '../interface/peers.ts'
import type { ParsedPeerRules } from './peer-rules.ts'
import type { RouterAddress } from './router-address.ts'

/** What the gate is made of. */
export interface PeerGateInit {
  /** Undefined when everybody may connect. */
  rules: PeerRules | undefined
  /** They may connect whoever is allowed, unless they are denied. */
  routers: readonly RouterAddress[]
  log: Logger
  /** True for a peer that is not let in for now, whatever the rules say. */
  isRefused?: (peerId: string) => boolean
}

/**
 * Lets peers connect by who they are: by what the handshake proved, and ahead of it where a dial says whom it expects.
 */
export class PeerGate {
  readonly #routers: ReadonlySet<string>
  /** Routers that were given without a name: whoever answers there is one, and which peer that was. */
  readonly #unnamedRouters: Map<string, string | undefined>
  readonly #log: Logger
  readonly #isRefused: (peerId: string) => boolean
  #rules: ParsedPeerRules

  /** @throws {@link InvalidArgumentError} when the rules are malformed */
  constructor ({ rules = {}, routers, log, isRefused = () => false }: PeerGateInit) {
    this.#rules = parsePeerRules(rules)
    this.#log = log
    this.#isRefused = isRefused
    const names = routers.map(({ expectedAddress, expectedPeerId }) => expectedAddress ?? expectedPeerId)
    this.#routers = new Set(names.flatMap(name => name === undefined ? [] : parsePeerName(name)))
    const unnamed = routers.filter((_, i) => names[i] === undefined)
    this.#unnamedRouters = new Map(unnamed.map(({ multiaddr }) => [routeOf(multiaddr), undefined]))
  }

  /** For libp2p. */
  readonly gater: ConnectionGater = {
    denyInboundEncryptedConnection: peerId => !this.#admits(peerId),
    denyOutboundEncryptedConnection: (peerId, connection) => {
      const route = routeOf(connection.remoteAddr)
      if (this.#unnamedRouters.has(route)) this.#unnamedRouters.set(route, peerName(peerId))
      this.check(peerName(peerId))
      return false
    }
  }

  /**
   * Puts other rules in place of those there are. Connections that they do not allow are the caller's to close.
   *
   * @throws {@link InvalidArgumentError} when they are malformed, and nothing changes
   */
  set (rules: PeerRules): void {
    this.#rules = parsePeerRules(rules)
  }

  /** May a peer of this name be connected? It is one that `peerName` or `parsePeerName` returned. */
  allows (name: string): boolean {
    const { allow, deny } = this.#rules
    return !deny.has(name) && (allow === undefined || allow.has(name) || this.isRouter(name))
  }

  /** Is this a router that was named, or the peer that answered where one was looked for? */
  isRouter (name: string): boolean {
    return this.#routers.has(name) || [...this.#unnamedRouters.values()].includes(name)
  }

  /** Is this a peer that the host named, as a router or as one that may connect? */
  isKnown (name: string): boolean {
    return this.#rules.allow?.has(name) === true || this.isRouter(name)
  }

  /** @throws {@link PeerDeniedError} when a peer of this name may not be connected */
  check (name: string): void {
    if (this.allows(name)) return
    const reason = this.#rules.deny.has(name) ? 'is on its deny-list (peers.deny)' : 'is not on its allow-list (peers.allow)'
    throw new PeerDeniedError(`This node does not connect to ${name}, which ${reason}`, { peer: name })
  }

  /** Ends a connection that the rules, as they are by now, do not allow. */
  closeIfDenied (connection: Pick<Connection, 'remotePeer' | 'abort'>): void {
    const name = peerName(connection.remotePeer)
    if (this.allows(name)) return
    this.#log(`closed the connection to ${name}: it may not connect any more`)
    connection.abort(new PeerDeniedError(`${name} may not connect`, { peer: name }))
  }

  #admits (peerId: PeerId): boolean {
    const name = peerName(peerId)
    const isAllowed = this.allows(name)
    if (!isAllowed) this.#log(`refused ${name}: it may not connect`)
    return isAllowed && !this.#isRefused(peerId.toString())
  }
}
