import { CODE_P2P } from '@multiformats/multiaddr'
import type { ConnectionGater } from '@libp2p/interface'
import type { Multiaddr } from '@multiformats/multiaddr'

/**
 * Keeps libp2p from dialling on its own. Peers tell where they and others can be reached, and bitswap would follow:
 * only what is named here is let through, and only while it is being dialled.
 */
export class DialGate {
  readonly #named = new Map<string, number>()

  /** For libp2p. */
  readonly gater: ConnectionGater = {
    denyDialMultiaddr: address => !this.#named.has(routeOf(address))
  }

  /** Opens the gate for one address while `dial` runs. */
  async open<T> (address: Multiaddr, dial: () => Promise<T>): Promise<T> {
    const route = routeOf(address)
    this.#named.set(route, (this.#named.get(route) ?? 0) + 1)
    try {
      return await dial()
    } finally {
      const others = (this.#named.get(route) ?? 1) - 1
      if (others === 0) {
        this.#named.delete(route)
      } else {
        this.#named.set(route, others)
      }
    }
  }
}

/** Where an address leads, without who is there: libp2p appends the peer id where it knows it. */
export function routeOf (address: Multiaddr): string {
  return address.decapsulateCode(CODE_P2P).toString()
}
