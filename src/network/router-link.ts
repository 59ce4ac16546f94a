import { PeerUnreachableError, StoppedError } from '../errors.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { routerCheckMs, routerRetryMsMax, routerRetryMsMin } from '../limits.ts'
import type { RouterHealth } from '../interface/health.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { RouterAddress } from './router-address.ts'

/** What a link needs of the network. */
export interface RouterDialler {
  isConnected: (peerId: string) => boolean
  /** The connected peer with this address or peer id. */
  find: (name: string) => ConnectedPeer | undefined
  /** Rejects when it takes too long. */
  dial: (address: RouterAddress, options: { signal: AbortSignal }) => Promise<ConnectedPeer>
  /** Milliseconds for an answer. Rejects when there is none in time. */
  roundTrip: (peer: ConnectedPeer, options: { signal: AbortSignal }) => Promise<number>
  /** Closes every connection to a peer. */
  drop: (peer: ConnectedPeer) => void
}

/** What a link is made of. */
export interface RouterLinkInit {
  address: RouterAddress
  dialler: RouterDialler
  /** Milliseconds of some clock that does not go back. */
  now: () => number
  /** At least 0 and less than 1. */
  random: () => number
  /** Called after every change of state. */
  onChange: (link: RouterLink, event: string) => void
  /** Is this peer, which answered at the link's address and is the wrong one, a router of another link? */
  isWantedElsewhere: (peer: ConnectedPeer, link: RouterLink) => boolean
}

/** Keeps one router connected: one attempt at a time, each later than the last, until it is stopped. */
export class RouterLink {
  readonly address: RouterAddress
  readonly #init: RouterLinkInit
  readonly #stopped = new AbortController()
  #state: RouterHealth['state'] = 'connecting'
  #peer: ConnectedPeer | undefined
  #rttMs: number | undefined
  #lastError: string | undefined
  #failures = 0
  #failedAt = Number.NEGATIVE_INFINITY
  #nextAttemptAt = 0
  /** How the attempt under way ends, or else the next one. */
  #outcome = outcome()
  #timer: NodeJS.Timeout | undefined

  constructor (init: RouterLinkInit) {
    this.address = init.address
    this.#init = init
  }

  /** The router while it is connected. */
  get peer (): ConnectedPeer | undefined {
    return this.#state === 'connected' ? this.#peer : undefined
  }

  health (): RouterHealth {
    const known = this.#peer
    return {
      router: this.address.label,
      state: this.#state,
      ...known?.address === undefined ? {} : { address: known.address },
      ...known === undefined ? {} : { peerId: known.peerId },
      ...this.#rttMs === undefined ? {} : { rttMs: this.#rttMs },
      ...this.#lastError === undefined ? {} : { lastError: this.#lastError },
      ...this.#state === 'waiting' ? { retryInMs: Math.max(0, Math.round(this.#nextAttemptAt - this.#init.now())) } : {}
    }
  }

  /** Is this the peer that has to answer here, as far as the link was told? */
  expects ({ address, peerId }: ConnectedPeer): boolean {
    return address !== undefined && address === this.address.expectedAddress || peerId === this.address.expectedPeerId
  }

  /** May this peer be the one that answers here? A link that was told only where to dial takes whoever answers. */
  accepts (peer: ConnectedPeer): boolean {
    const { expectedAddress, expectedPeerId } = this.address
    return (expectedAddress === undefined && expectedPeerId === undefined) || this.expects(peer)
  }

  start (): void {
    void this.#attempt()
  }

  /**
   * The router, once it is connected: by the attempt that is under way, or by one made as soon as the last failure is not
   * just now, so that many callers are not as many dials.
   *
   * @throws {@link PeerUnreachableError} when the attempt fails
   * @throws {@link StoppedError} when the node stops before
   */
  async reach ({ signal }: AbortOptions = {}): Promise<ConnectedPeer> {
    signal?.throwIfAborted()
    if (this.peer !== undefined) return this.peer
    if (this.#stopped.signal.aborted) throw stopped()
    if (this.#state === 'waiting') this.#hurry()
    return await untilAborted(this.#outcome.promise, signal)
  }

  /** A connection that the router made is as good as one made to it. */
  peerConnected (peer: ConnectedPeer): void {
    const isKnown = this.#peer?.peerId === peer.peerId
    if (this.#state !== 'connected' && !this.#stopped.signal.aborted && (this.expects(peer) || isKnown)) {
      this.#connected(peer)
    }
  }

  peerDisconnected (peerId: string): void {
    if (this.peer?.peerId === peerId && !this.#stopped.signal.aborted) {
      this.#lastError = 'the connection was closed'
      this.#wait(this.#init.random() * routerRetryMsMin, 'was lost')
    }
  }

  stop (): void {
    this.#stopped.abort()
    clearTimeout(this.#timer)
    this.#outcome.reject(stopped())
  }

  async #attempt (): Promise<void> {
    const { dialler } = this.#init
    this.#state = 'connecting'
    try {
      const name = this.address.expectedAddress ?? this.address.expectedPeerId ?? this.#peer?.peerId
      const existing = name === undefined ? undefined : dialler.find(name)
      const peer = existing ?? await dialler.dial(this.address, { signal: this.#stopped.signal })
      this.#check(peer)
      if (!this.#isSettled()) {
        this.#connected(peer)
      }
    } catch (error) {
      if (!this.#isSettled()) {
        this.#failed(error)
      }
    }
  }

  /** Stopped, or connected by the router itself while it was dialled. */
  #isSettled (): boolean {
    return this.#state === 'connected' || this.#stopped.signal.aborted
  }

  #check (peer: ConnectedPeer): void {
    if (!this.accepts(peer)) {
      if (!this.#init.isWantedElsewhere(peer, this)) {
        this.#init.dialler.drop(peer)
      }
      const expected = this.address.expectedAddress ?? this.address.expectedPeerId ?? ''
      throw new PeerUnreachableError(
        `${peer.address ?? peer.peerId} answers at ${this.address.label}, and not ${expected}`,
        { expected, actual: peer.address ?? peer.peerId })
    }
    if (!this.#init.dialler.isConnected(peer.peerId)) {
      throw new PeerUnreachableError(`${this.address.label} closed the connection at once`)
    }
  }

  #connected (peer: ConnectedPeer): void {
    clearTimeout(this.#timer)
    this.#state = 'connected'
    this.#peer = peer
    this.#failures = 0
    this.#lastError = undefined
    this.#outcome.resolve(peer)
    this.#init.onChange(this, `is connected (${peer.address ?? peer.peerId})`)
    void this.#measure(peer)
  }

  /** A connection that a firewall forgot looks open for a quarter of an hour: so a router is asked from time to time. */
  async #measure (peer: ConnectedPeer): Promise<void> {
    try {
      this.#rttMs = await this.#init.dialler.roundTrip(peer, { signal: this.#stopped.signal })
      if (this.peer === peer && !this.#stopped.signal.aborted) {
        this.#later(routerCheckMs, () => { void this.#measure(peer) })
      }
    } catch {
      if (this.peer === peer && !this.#stopped.signal.aborted) {
        this.#init.dialler.drop(peer)
      }
    }
  }

  #failed (error: unknown): void {
    this.#failures++
    this.#failedAt = this.#init.now()
    this.#lastError = error instanceof Error ? error.message : String(error)
    this.#outcome.reject(new PeerUnreachableError(`router ${this.address.label} could not be reached: ${this.#lastError}`, { cause: error }))
    const delayMs = Math.min(routerRetryMsMax, routerRetryMsMin * 2 ** (this.#failures - 1))
    this.#wait(delayMs * (1 + this.#init.random()) / 2, 'is not reached')
  }

  #wait (delayMs: number, event: string): void {
    this.#state = 'waiting'
    this.#outcome = outcome()
    this.#attemptIn(delayMs)
    this.#init.onChange(this, `${event}: ${this.#lastError ?? ''}; next attempt in ${Math.round(delayMs)} ms`)
  }

  #attemptIn (delayMs: number): void {
    this.#nextAttemptAt = this.#init.now() + delayMs
    this.#later(delayMs, () => { void this.#attempt() })
  }

  #hurry (): void {
    const delayMs = Math.max(0, this.#failedAt + routerRetryMsMin - this.#init.now())
    if (this.#init.now() + delayMs < this.#nextAttemptAt) this.#attemptIn(delayMs)
  }

  /** The timer keeps the process alive: a node that opens no socket has nothing else to live on while its routers are away. */
  #later (delayMs: number, action: () => void): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(action, delayMs)
  }
}

/** Somebody may wait for it, or nobody. */
function outcome (): PromiseWithResolvers<ConnectedPeer> {
  const made = Promise.withResolvers<ConnectedPeer>()
  made.promise.catch(() => {})
  return made
}

function stopped (): StoppedError {
  return new StoppedError('The node was stopped while it waited for a router')
}
