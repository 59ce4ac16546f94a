import { RefusedError } from '../errors.ts'
import {
  connectionsPerHostMax, inboundConnectionsPerSecondMax, inboundConnectionsSeconds, pendingHandshakesMax,
  pendingHandshakesPerHostMax
} from '../limits.ts'
import { remoteHost } from './remote-host.ts'
import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'

/** What may be said otherwise than in `limits.ts`. */
export interface HandshakeGateInit {
  connectionsPerHost?: number | undefined
  newConnectionsPerSecondPerHost?: number | undefined
  /** Milliseconds of some clock that does not go back. */
  now?: () => number
}

/**
 * Bounds how many inbound connections may shake hands at the same time: from one host, and in all. When all places are taken, the
 * host that has most of them loses its oldest; to a host that has as many itself, the oldest of all goes. So sockets that connect
 * and say nothing keep nobody out, from however many hosts they come. It also bounds the connections that one host has open, and
 * how many come from it in a while.
 */
export class HandshakeGate {
  readonly #connectionsPerHost: number
  readonly #arrivalsMax: number
  readonly #now: () => number
  /** Connections that came from each host since counting began, whether they were let in or not. */
  readonly #arrivals = new Map<string, number>()
  #countedSince = -Infinity
  /** The oldest first, as in those of each host. */
  readonly #all = new Set<MultiaddrConnection>()
  readonly #byHost = new Map<string, Set<MultiaddrConnection>>()
  /** Connections that have shaken hands, by host. */
  readonly #open = new Map<string, number>()
  readonly #ends = new WeakMap<MultiaddrConnection, () => void>()

  constructor (init: HandshakeGateInit = {}) {
    const { connectionsPerHost = connectionsPerHostMax, newConnectionsPerSecondPerHost = inboundConnectionsPerSecondMax } = init
    this.#connectionsPerHost = connectionsPerHost
    this.#arrivalsMax = newConnectionsPerSecondPerHost * inboundConnectionsSeconds
    this.#now = init.now ?? (() => performance.now())
  }

  /** For libp2p. */
  readonly gater: ConnectionGater = {
    denyInboundConnection: connection => this.#isDenied(connection),
    denyInboundUpgradedConnection: (_, connection) => {
      this.#ends.get(connection)?.()
      this.#keep(connection)
      return false
    }
  }

  #isDenied (connection: MultiaddrConnection): boolean {
    const host = remoteHost(connection.remoteAddr)
    if (this.#arrived(host) > this.#arrivalsMax) return true
    const own = this.#byHost.get(host)?.size ?? 0
    if (own >= pendingHandshakesPerHostMax || own + (this.#open.get(host) ?? 0) >= this.#connectionsPerHost) return true
    if (this.#all.size >= pendingHandshakesMax) this.#makeRoom(own)
    this.#add(host, connection)
    return false
  }

  /** How many came from this host lately. All counts begin anew at the same time, so that none has to be kept for longer. */
  #arrived (host: string): number {
    if (this.#now() - this.#countedSince >= inboundConnectionsSeconds * 1000) {
      this.#arrivals.clear()
      this.#countedSince = this.#now()
    }
    const count = (this.#arrivals.get(host) ?? 0) + 1
    this.#arrivals.set(host, count)
    return count
  }

  /** For a host that has `own` places. */
  #makeRoom (own: number): void {
    let largest: ReadonlySet<MultiaddrConnection> = this.#all
    let most = own
    for (const connections of this.#byHost.values()) {
      if (connections.size <= most) continue
      largest = connections
      most = connections.size
    }
    const [oldest] = largest
    if (oldest === undefined) return
    this.#ends.get(oldest)?.()
    oldest.abort(new RefusedError('The handshake took too long while others waited'))
  }

  #keep (connection: MultiaddrConnection): void {
    const host = remoteHost(connection.remoteAddr)
    this.#open.set(host, (this.#open.get(host) ?? 0) + 1)
    connection.addEventListener('close', () => {
      const others = (this.#open.get(host) ?? 1) - 1
      if (others === 0) this.#open.delete(host)
      else this.#open.set(host, others)
    }, { once: true })
  }

  #add (host: string, connection: MultiaddrConnection): void {
    const connections = this.#byHost.get(host) ?? new Set()
    this.#byHost.set(host, connections.add(connection))
    this.#all.add(connection)
    const end = (): void => {
      if (!this.#all.delete(connection)) return
      connections.delete(connection)
      if (connections.size === 0) this.#byHost.delete(host)
    }
    this.#ends.set(connection, end)
    connection.addEventListener('close', end)
  }
}
