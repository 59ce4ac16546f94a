import { setTimeout as sleep } from 'node:timers/promises'
import { DataNodeError, NotConfirmedError, PeerUnreachableError, RefusedError, StoppedError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { formatUrn } from '../format/reference.ts'
import { offerReasonBytesMax, offerRetryMsMax, offerRetryMsMin } from '../limits.ts'
import { offer } from './offer.ts'
import type { Network, RouterPeer } from '../interface/network.ts'
import type { Offer, OfferAnswer, RouterAnswer } from '../interface/offer.ts'
import type { Address } from '../interface/primitives.ts'
import type { ConfirmRootOptions, MayRead } from '../interface/transfer.ts'

/** What asking routers needs. */
export interface ConfirmComponents {
  network: Pick<Network, 'routerPeers' | 'openStream'>
  /** For jitter: at least 0 and less than 1. */
  random: () => number
  mayRead: MayRead
}

/** A confirmation with the signal that takes it back. */
export type ConfirmInit = ConfirmRootOptions & { signal: AbortSignal }

/** What may be otherwise a moment later. Whatever else a router says is its last word. */
const passing: readonly RouterAnswer['said'][] = ['busy', 'unavailable', 'unreachable', 'silent']

/**
 * Offers a root to every router of this node, those that connect while it waits included, until so many hold it. A router counts
 * once, by whatever names it is known.
 *
 * @throws {@link NotConfirmedError} when that is not so in time, or as soon as it cannot be any more
 */
export async function confirmRoot (components: ConfirmComponents, offered: Offer, init: ConfirmInit): Promise<Address[]> {
  return await new Confirmation(components, offered, init).run()
}

class Confirmation {
  readonly #components: ConfirmComponents
  readonly #offered: Offer
  readonly #init: ConfirmInit
  /** What each router said last. */
  readonly #answers = new Map<RouterPeer, RouterAnswer>()
  readonly #confirmedBy = new Set<Address>()
  /** Aborted when there is nothing to wait for any more. */
  readonly #over = new AbortController()
  #asking = 0

  constructor (components: ConfirmComponents, offered: Offer, init: ConfirmInit) {
    this.#components = components
    this.#offered = offered
    this.#init = init
    for (const router of components.network.routerPeers()) {
      this.#answers.set(router, { router: router.name, said: 'unreachable', reason: 'it was not connected in time' })
    }
  }

  async run (): Promise<Address[]> {
    const { signal, timeoutMs } = this.#init
    signal.throwIfAborted()
    const end = (): void => { this.#over.abort(new StoppedError('It is not waited for any more')) }
    const timer = setTimeout(end, timeoutMs)
    signal.addEventListener('abort', end, { once: true })
    this.#asking = this.#answers.size
    try {
      await Promise.all([...this.#answers.keys()].map(async router => { await this.#ask(router) }))
    } finally {
      end()
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
    }
    signal.throwIfAborted()
    if (this.#confirmedBy.size < this.#init.routers) throw this.#notConfirmed()
    return [...this.#confirmedBy]
  }

  /** Asks one router until it has said its last word, or nobody waits for it. */
  async #ask (router: RouterPeer): Promise<void> {
    const { signal } = this.#over
    try {
      await this.#untilAnswered(router)
    } catch (error) {
      if (!signal.aborted) throw error
    }
    this.#asking--
    const missing = this.#init.routers - this.#confirmedBy.size
    if (missing <= 0 || missing > this.#asking) this.#over.abort(new StoppedError('It is decided'))
  }

  async #untilAnswered (router: RouterPeer): Promise<void> {
    const { signal } = this.#over
    for (let delayMs = offerRetryMsMin; ; delayMs = Math.min(2 * delayMs, offerRetryMsMax)) {
      const { retryAfterMs = 0 } = await this.#attempt(router)
      if (!passing.includes(this.#answers.get(router)?.said ?? 'held')) return
      const jitteredMs = delayMs * (1 + this.#components.random()) / 2
      await sleep(Math.min(Math.max(retryAfterMs, jitteredMs), offerRetryMsMax), undefined, { signal })
    }
  }

  /** Offers it once, and notes what comes of it. Rejects with what is no answer of the router. */
  async #attempt (router: RouterPeer): Promise<Pick<OfferAnswer, 'retryAfterMs'>> {
    const { signal } = this.#over
    const { readers } = this.#init
    const note = (answer: Omit<RouterAnswer, 'router'>): void => { this.#answers.set(router, { router: router.name, ...answer }) }
    try {
      const peer = await router.connect({ signal })
      const { address } = peer
      if (address === undefined) throw new RefusedError(`${peer.peerId} has no EVM address`)
      if (!await this.#components.mayRead(this.#offered.root, readers, peer, { signal })) {
        note({ address, said: 'not-a-reader', reason: 'it is not among the readers of the result: name it with setReaders()' })
        return {}
      }
      note({ address, said: 'silent', reason: 'it has not answered yet' })
      const { status, reason, retryAfterMs } = await offer(this.#components.network, peer, this.#offered, signal)
      if (status === 'held') this.#confirmedBy.add(address)
      note({ address, said: status, reason: reason === undefined ? meanings[status] : quote(reason, offerReasonBytesMax) })
      return { retryAfterMs }
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof DataNodeError) || error instanceof StoppedError) throw error
      note({ ...this.#answers.get(router), said: failureOf(error), reason: error.message })
      return {}
    }
  }

  #notConfirmed (): NotConfirmedError {
    const urn = formatUrn(this.#offered.root)
    const { routers: needed } = this.#init
    const routers = [...this.#answers.values()]
    const confirmedBy = [...this.#confirmedBy]
    const said = routers.map(({ router, said, reason }) => `${router}: ${said}, ${reason}`).join('; ')
    return new NotConfirmedError(
      `${urn} is published here, and held by ${confirmedBy.length} of the ${needed} routers that were asked for (${said}). ` +
      `Call confirm(${needed}) on its handle to ask again; after a restart, result() finds it`,
      { urn, needed, confirmedBy, routers })
  }
}

function failureOf (error: DataNodeError): RouterAnswer['said'] {
  if (error instanceof PeerUnreachableError) return 'unreachable'
  if (error instanceof RefusedError) return 'unsupported'
  return error.retryable ? 'silent' : 'unknown'
}

/** Where a router gives no reason. */
const meanings: Readonly<Record<OfferAnswer['status'], string>> = {
  held: 'it holds the result',
  refused: 'it did not ask for the result',
  busy: 'it has too much to do',
  unavailable: 'it could not fetch or store the result',
  'no-room': 'it has no room for the result',
  'not-accepted': 'the result is not what it has to be',
  'bad-request': 'it could not read the offer',
  unknown: 'it gave a reason that this version does not know'
}
