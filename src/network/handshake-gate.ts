import { pendingHandshakesPerHostMax } from '../limits.ts'
import type { ConnectionGater, MultiaddrConnection } from '@libp2p/interface'

/**
 * Bounds how many connections from one host may shake hands at the same time: with a bound for all of them alone, one host that
 * connects and says nothing would keep everybody else out.
 */
export class HandshakeGate {
  readonly #pending = new Map<string, number>()
  readonly #ends = new WeakMap<MultiaddrConnection, () => void>()

  /** For libp2p. */
  readonly gater: ConnectionGater = {
    denyInboundConnection: connection => this.#isDenied(connection),
    denyInboundUpgradedConnection: (_, connection) => {
      this.#ends.get(connection)?.()
      return false
    }
  }

  #isDenied (connection: MultiaddrConnection): boolean {
    const host = hostOf(connection)
    const pending = this.#pending.get(host) ?? 0
    if (pending >= pendingHandshakesPerHostMax) return true
    this.#pending.set(host, pending + 1)
    const end = (): void => {
      if (!this.#ends.delete(connection)) return
      const others = (this.#pending.get(host) ?? 1) - 1
      if (others === 0) this.#pending.delete(host)
      else this.#pending.set(host, others)
    }
    this.#ends.set(connection, end)
    connection.addEventListener('close', end)
    return false
  }
}

/** Without the port, which is another one for each connection. */
function hostOf ({ remoteAddr }: MultiaddrConnection): string {
  return remoteAddr.getComponents()[0]?.value ?? ''
}
