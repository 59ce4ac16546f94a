import { StoppedError } from '../errors.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { RouterLink } from './router-link.ts'
import type { Logger } from '../interface/data-node.ts'
import type { RouterHealth } from '../interface/health.ts'
import type { ConnectedPeer, RouterPeer } from '../interface/network.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { RouterAddress } from './router-address.ts'
import type { RouterDialler, RouterLinkInit } from './router-link.ts'

/** What the keeper is made of. */
export interface RouterKeeperInit extends Pick<RouterLinkInit, 'now' | 'random'> {
  addresses: readonly RouterAddress[]
  dialler: RouterDialler
  log: Logger
}

/** Keeps every router connected, each by itself. */
export class RouterKeeper {
  readonly #links: RouterLink[]
  readonly #waiting = new Set<PromiseWithResolvers<undefined>>()
  readonly #onRouter: ((peer: ConnectedPeer) => void)[] = []
  #stopped = false

  constructor ({ addresses, dialler, now, random, log }: RouterKeeperInit) {
    this.#links = addresses.map(address => new RouterLink({
      address,
      dialler,
      now,
      random,
      onChange: (link, event) => {
        log(`router ${link.address.label} ${event}`)
        this.#settle()
        if (link.peer !== undefined) for (const listener of this.#onRouter) listener(link.peer)
      },
      isWantedElsewhere: (peer, link) => this.#links.some(other =>
        other !== link && (other.expects(peer) || other.peer?.peerId === peer.peerId))
    }))
  }

  /** The state of each router, in the order that they were given. */
  health (): RouterHealth[] {
    return this.#links.map(link => link.health())
  }

  /** Every router, those that are connected first. */
  routers (): RouterPeer[] {
    const connected = this.#links.filter(({ peer }) => peer !== undefined)
    return [...connected, ...this.#links.filter(link => !connected.includes(link))]
      .map(link => ({ name: link.address.label, find: () => link.peer, connect: async options => await link.reach(options) }))
  }

  /**
   * Resolves when every router is connected.
   *
   * @throws {@link StoppedError} when the node stops before
   */
  async ready ({ signal }: AbortOptions = {}): Promise<void> {
    signal?.throwIfAborted()
    const waiting = Promise.withResolvers<undefined>()
    this.#waiting.add(waiting)
    try {
      this.#settle()
      await untilAborted(waiting.promise, signal)
    } finally {
      this.#waiting.delete(waiting)
    }
  }

  /** Calls `listener` with each router that is connected, now and later. */
  onRouter (listener: (peer: ConnectedPeer) => void): void {
    this.#onRouter.push(listener)
    for (const { peer } of this.#links) {
      if (peer !== undefined) listener(peer)
    }
  }

  start (): void {
    for (const link of this.#links) {
      link.start()
    }
  }

  peerConnected (peer: ConnectedPeer): void {
    for (const link of this.#links) {
      link.peerConnected(peer)
    }
  }

  peerDisconnected (peerId: string): void {
    for (const link of this.#links) {
      link.peerDisconnected(peerId)
    }
  }

  /** Ends all attempts at once. */
  stop (): void {
    this.#stopped = true
    for (const link of this.#links) {
      link.stop()
    }
    this.#settle()
  }

  #settle (): void {
    const isReady = this.#links.every(({ peer }) => peer !== undefined)
    for (const { resolve, reject } of this.#waiting) {
      if (this.#stopped) {
        reject(new StoppedError('The node was stopped while it waited for its routers'))
      } else if (isReady) {
        resolve(undefined)
      }
    }
  }
}
