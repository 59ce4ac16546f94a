import { DataNodeError, PeerUnreachableError, RefusedError, StoppedError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { activeProvidersMax, hedgeMs } from '../limits.ts'
import { askByBitswap } from './bitswap-turn.ts'
import { candidates, connectCandidate } from './candidates.ts'
import { isCarAddress, isHttpProvider } from './http-request.ts'
import { askByHttp } from './http-turn.ts'
import { Provider } from './provider.ts'
import { askByStream } from './stream-turn.ts'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../interface/network.ts'
import type { HttpFetch } from './http-request.ts'
import type { FetchReport } from './fetch-report.ts'
import type { AskProvider } from './provider.ts'
import type { RateLimit } from './rate-limit.ts'
import type { StreamPool } from './stream-pool.ts'

/** Milliseconds after which a connection that is still not there is not counted on. */
const soonMs = 1_000

/** One for all: making an error takes longer than anything else of a small fetch's end. */
const notWanted = new StoppedError('Nobody else has to be connected to')

/** What finding and asking providers needs. */
export interface ProviderSetComponents {
  network: Pick<Network, 'find' | 'connect' | 'routerPeers' | 'bitswap'>
  pool: StreamPool
  log: Logger
  /** Milliseconds from any start, never going back. */
  now: () => number
  /** How many fetches there are now. */
  fetches: () => number
  /** What all fetches share. */
  download: RateLimit | undefined
  fetch: HttpFetch
}

/** Whom a set is for. */
export interface ProviderSetInit {
  root: CID
  /** Those to try first, in this order. */
  providers: readonly string[]
  report: FetchReport
  signal: AbortSignal
  /** Called when somebody was connected, or could not be. */
  onChange: () => void
  onError: (error: unknown) => void
}

/** How much a fetch wants of somebody new. */
export interface Need {
  /** When those who were asked will have been silent for too long. */
  patientUntil: number
  /** Several can work at the same time. */
  isLarge: boolean
}

/** The providers of one fetch: connects to more of them as they are needed, several at the same time. */
export class ProviderSet {
  /** Everybody who was tried, in the order in which they were. */
  readonly all: Provider[] = []
  readonly #components: ProviderSetComponents
  readonly #init: ProviderSetInit
  readonly #candidates: Iterator<RouterPeer, undefined>
  readonly #candidateOf = new Map<Provider, RouterPeer>()
  readonly #byPeerId = new Map<string, Provider>()
  readonly #connecting = new Set<Provider>()
  readonly #stopped = new AbortController()
  readonly #startedAt: number
  #hasMore = true
  #tried = 0
  #hasDialled = false

  constructor (components: ProviderSetComponents, init: ProviderSetInit) {
    this.#components = components
    this.#init = init
    this.#candidates = candidates(components.network, init.providers)
    this.#startedAt = components.now()
  }

  /** Those who can be asked. */
  get live (): Provider[] {
    return this.all.filter(({ isLive }) => isLive)
  }

  /** Those who can be asked now, the fastest first. */
  get byRate (): Provider[] {
    const rate = (provider: Provider): number => provider.isSilent ? -1 : provider.rate.bytesPerSecond ?? 0
    return this.live.filter(({ isResting }) => !isResting).sort((a, b) => rate(b) - rate(a))
  }

  /** True when nobody is left who could be asked. */
  get isExhausted (): boolean {
    return !this.#hasMore && this.#connecting.size === 0 && this.live.length === 0
  }

  /** True when there may be more than one to ask, now or within moments. */
  get isShared (): boolean {
    return this.#hasMore || this.isJoined
  }

  /** True when there is more than one to ask, or will be within moments. */
  get isJoined (): boolean {
    const soon = [...this.#connecting].filter(({ dialledAt }) => this.#components.now() < dialledAt + soonMs)
    return soon.length + this.live.length > 1
  }

  /** Tries those who are next, as far as they are needed now; when nobody is left, those who were lost on their way. */
  recruit (need: Need): void {
    while (this.#hasMore && this.#wantsMore(need)) this.#connectNext()
    if (!this.isExhausted || this.#stopped.signal.aborted) return
    for (const [provider, candidate] of this.#candidateOf) {
      if (!provider.mayRevive) continue
      provider.revive()
      this.#connect(provider, candidate)
    }
  }

  /** Ends all attempts to connect. */
  stop (): void {
    this.#hasMore = false
    this.#stopped.abort(notWanted)
  }

  #wantsMore ({ patientUntil, isLarge }: Need): boolean {
    const { live } = this
    const count = live.length + this.#connecting.size
    if (count === 0) return true
    if ((isLarge || this.#isBegun) && count < activeProvidersMax) return true
    if (live.some(({ used, isSilent, isResting }) => used === 0 && !isSilent && !isResting)) return false
    const dialledAt = Math.max(-Infinity, ...[...this.#connecting].map(provider => provider.dialledAt))
    return this.#components.now() >= Math.max(patientUntil, dialledAt + hedgeMs)
  }

  /**
   * True when others were named, and the first of them had to be dialled: they are while that one is asked, and at no cost to its
   * answer. Where one was connected already there may be a fetch every moment, of which few are large, and none may be dialled
   * for nothing.
   */
  get #isBegun (): boolean {
    return this.#hasDialled && this.#tried < this.#init.providers.length
  }

  #connectNext (): void {
    const { value: candidate } = this.#candidates.next()
    if (candidate === undefined) {
      this.#hasMore = false
      this.#init.onChange()
      return
    }
    const provider = new Provider(candidate.name, { now: this.#components.now, fetchStartedAt: this.#startedAt })
    provider.note('dialled')
    this.#tried++
    this.all.push(provider)
    this.#candidateOf.set(provider, candidate)
    this.#connect(provider, candidate)
  }

  #connect (provider: Provider, candidate: RouterPeer): void {
    if (isHttpProvider(candidate.name)) {
      this.#useHttp(provider)
      return
    }
    const connected = candidate.find()
    if (connected !== undefined) {
      this.#reached(provider, connected)
      return
    }
    this.#connecting.add(provider)
    const signal = AbortSignal.any([this.#init.signal, this.#stopped.signal])
    connectCandidate(candidate, signal).then((reached) => { this.#reached(provider, reached) }, (error: unknown) => {
      if (!this.#stopped.signal.aborted) this.#init.onError(error)
    })
  }

  /** Whether there is a server shows when it is asked. */
  #useHttp (provider: Provider): void {
    const { name } = provider
    const { fetch } = this.#components
    if (!URL.canParse(name)) {
      this.#init.report.failed(provider, 'unreachable', new PeerUnreachableError(`${quote(name)} is no URL`, { peer: name }))
      this.#init.onChange()
      return
    }
    provider.isWholeOnly = isCarAddress(name)
    provider.placesMax = 1
    let isAsked = false
    provider.connected(name, async (turn) => {
      if (!isAsked) this.#init.report.asking(provider, 'http')
      isAsked = true
      await askByHttp(fetch, name, turn)
    })
    this.#init.onChange()
  }

  #reached (provider: Provider, reached: ConnectedPeer | DataNodeError): void {
    const wasDialled = this.#connecting.delete(provider)
    if (reached instanceof DataNodeError) {
      this.#init.report.failed(provider, 'unreachable', reached)
    } else if ((this.#byPeerId.get(reached.peerId) ?? provider) !== provider) {
      // The same peer under another name.
      this.all.splice(this.all.indexOf(provider), 1)
      this.#candidateOf.delete(provider)
    } else {
      this.#byPeerId.set(reached.peerId, provider)
      this.#hasDialled ||= wasDialled
      provider.connected(reached.peerId, this.#askerOf(provider, reached))
      provider.prepare = (parts) => { void this.#components.pool.prepare(reached, { spare: parts }) }
    }
    this.#init.onChange()
  }

  #askerOf (provider: Provider, peer: ConnectedPeer): AskProvider {
    const { network, pool } = this.#components
    const { report } = this.#init
    let speaks: 'dag' | 'bitswap' | undefined
    return async (turn) => {
      try {
        if (speaks === undefined) report.asking(provider, 'dag')
        if (speaks !== 'bitswap') {
          speaks = 'dag'
          await askByStream(pool, peer, turn)
          return
        }
      } catch (error) {
        if (!isOtherProtocol(error)) throw error
        speaks = 'bitswap'
        provider.placesMax = 1
        report.asking(provider, 'bitswap')
      }
      await askByBitswap(network, peer, turn)
    }
  }
}

/** Only the network says this, and only when the peer does not have the protocol at all. */
function isOtherProtocol (error: unknown): boolean {
  return error instanceof RefusedError && error.details['status'] === undefined
}
