import { RefusedError } from '../errors.ts'
import { connectionsMax, idleConnectionMs } from '../limits.ts'
import type { Connection } from '@libp2p/interface'
import type { Logger } from '../interface/data-node.ts'

/** What bounding connections needs. */
export interface ConnectionPlacesInit {
  /** Those that are open now. */
  connections: () => readonly Connection[]
  /** True for a peer that always has a place: a router, or one that is allowed by name. */
  isKnown: (connection: Connection) => boolean
  /** Milliseconds of some clock that does not go back. */
  now: () => number
  log: Logger
  /** By default that of `limits.ts`. */
  max?: number | undefined
}

/**
 * Bounds the connections of this node. When all places are taken, the stranger that has been idle longest goes for one that is
 * new. Known peers stay, and so does whoever transfers something. If nobody can go, a new stranger does.
 */
export class ConnectionPlaces {
  readonly #init: ConnectionPlacesInit
  readonly #max: number
  /** When something moved last on any stream of a connection. */
  readonly #usedAt = new WeakMap<Connection, number>()

  constructor (init: ConnectionPlacesInit) {
    this.#init = init
    this.#max = init.max ?? connectionsMax
  }

  /** Counts what moves on a stream, in either direction, as use of its connection. */
  watch (stream: EventTarget, connection: Connection): void {
    const used = (): void => { this.#usedAt.set(connection, this.#init.now()) }
    used()
    stream.addEventListener('drain', used)
    afterFirstListener(stream, () => { stream.addEventListener('message', used) })
  }

  /** Gives a place to a connection that is new, and is open already. */
  take (connection: Connection): void {
    const { connections, isKnown, now, log } = this.#init
    this.#usedAt.set(connection, now())
    const all = connections()
    if (all.length <= this.#max) return
    const leaving = this.#longestIdle(all) ?? (isKnown(connection) ? undefined : connection)
    if (leaving === undefined) return
    log(`closed the connection to ${leaving.remotePeer.toString()}: all ${this.#max} are taken, and others need one more`)
    leaving.abort(new RefusedError('All connections of this node are taken'))
  }

  #longestIdle (connections: readonly Connection[]): Connection | undefined {
    const { isKnown, now } = this.#init
    let longest: Connection | undefined
    let least = now() - idleConnectionMs + 1
    for (const connection of connections) {
      const at = this.#usedAt.get(connection) ?? 0
      if (at >= least || connection.status !== 'open' || isKnown(connection)) continue
      longest = connection
      least = at
    }
    return longest
  }
}

/** What comes waits for its first reader. Whoever listens before is taken for that, and the reader gets nothing of it. */
function afterFirstListener (stream: EventTarget, action: () => void): void {
  const listen = stream.addEventListener.bind(stream)
  Object.assign(stream, {
    addEventListener: (...args: Parameters<EventTarget['addEventListener']>) => {
      listen(...args)
      if (args[0] !== 'message') return
      Object.assign(stream, { addEventListener: listen })
      action()
    }
  })
}
