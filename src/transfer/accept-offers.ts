import {
  CorruptBlockError, DataNodeError, LimitExceededError, StorageError, StorageFullError, TimedOutError
} from '../errors.ts'
import { decodeOffer, encodeOfferAnswer, offerBound, offerProtocol } from '../format/offer-messages.ts'
import { busyRetryMs, offerTimeoutMs, requestTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import { OfferPlaces } from './offer-places.ts'
import { closedSignal, MessageStream } from './message-stream.ts'
import { receiveRequest } from './receive-request.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../interface/network.ts'
import type { Offer, OfferAnswer, OfferStatus } from '../interface/offer.ts'
import type { Address } from '../interface/primitives.ts'

/** An offer together with whose it is, as the handshake and a delegation prove it. */
export interface PeerOffer extends Offer {
  peerId: string
  /** Of the wallet that the peer speaks for, else its own. */
  address: Address
}

/** As whose an offer counts; undefined where nobody's. */
export type AccountOf = (peer: ConnectedPeer, shown: Uint8Array | undefined) => Address | undefined

/** What is taken, and how. */
export interface OfferPolicy {
  /** Did this node ask for it? Decided before anything is fetched. */
  wants: (offer: PeerOffer) => boolean | Promise<boolean>
  /** Fetches it from that peer, checks it and holds it. What it throws is about what is offered, unless it can be tried again. */
  take: (offer: PeerOffer, options: { signal: AbortSignal }) => Promise<void>
}

/** What answering offers needs. */
export interface AcceptOffersComponents {
  network: Pick<Network, 'handle'>
  policy: OfferPolicy
  /** As whose an offer counts: the wallet's for which the peer speaks, by what it shows or has shown; by default its own. */
  accountOf?: AccountOf
  log: Logger
  /** By default as many as `limits.ts` says. */
  places?: Pick<OfferPlaces, 'isFull' | 'run'>
  /** Milliseconds for one offer to be taken, by default those of `limits.ts`. */
  timeoutMs?: number
}

/** Answers offers from now on. Who is not entitled to one costs no more than the answer, and takes nobody's place. */
export async function acceptOffers (components: AcceptOffersComponents): Promise<void> {
  const { network, policy, log, places = new OfferPlaces(), timeoutMs = offerTimeoutMs } = components
  const accountOf: AccountOf = components.accountOf ?? (({ address }) => address)
  await network.handle(offerProtocol, async (stream, peer, meter) => {
    const closed = closedSignal(stream)
    try {
      const offers = new MessageStream(stream, offerBound)
      const answer = await answerTo(offers, peer, { meter, policy, accountOf, places, timeoutMs, signal: closed, log })
      await offers.send(encodeOfferAnswer(answer))
      await stream.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
    } catch (error) {
      // Whoever offers takes it back by resetting the stream, and that is no failure of this side.
      if (!closed.aborted) throw error
    }
  })
}

interface AnswerInit extends Required<Omit<AcceptOffersComponents, 'network'>> {
  /** Aborted when the stream has ended: nobody waits for the answer any more. */
  signal: AbortSignal
  meter: PeerMeter
}

async function answerTo (
  offers: MessageStream, peer: ConnectedPeer, { meter, policy, accountOf, places, timeoutMs, signal, log }: AnswerInit
): Promise<OfferAnswer> {
  const received = await receiveRequest(offers, decodeOffer)
  if (received === undefined) {
    meter.fault()
    return { status: 'bad-request' }
  }
  if (!meter.admits()) return { status: 'busy', retryAfterMs: busyRetryMs }
  const { peerId } = peer
  const address = accountOf(peer, received.delegation)
  if (address === undefined) return { status: 'refused' }
  const offer: PeerOffer = { ...received, peerId, address }
  const what = `${offer.root.toString()} of ${address}`
  const timedOut = (): Error => new TimedOutError(`It was not taken within ${timeoutMs} ms`)
  try {
    const status = await withDeadline(timeoutMs, signal, timedOut, async own => {
      if (!await policy.wants(offer)) return 'refused'
      if (places.isFull) return 'busy'
      await places.run(peerId, own, async () => {
        log(`offer: takes ${what}`)
        await policy.take(offer, { signal: own })
      })
      return 'held'
    })
    log(`offer: ${what} is ${status}`)
    return { status, ...status === 'busy' ? { retryAfterMs: busyRetryMs } : {} }
  } catch (error) {
    signal.throwIfAborted()
    if (!(error instanceof DataNodeError)) throw error
    const status = refusalFor(error)
    log(`offer: ${what} is ${status}: ${error.message}`)
    // What is wrong with this node's own disk is nobody else's business.
    return { status, reason: isAboutDisk(error) ? undefined : error.message }
  }
}

/** Limits of this node, which the next one may not have; what a bundle may be is the same everywhere. */
const limitsOfRoom: readonly unknown[] = ['bytesMax', 'offeredPerTaskMax']

/** How an error of taking an offer is answered. */
function refusalFor (error: DataNodeError): OfferStatus {
  if (error instanceof StorageFullError) return 'no-room'
  if (error instanceof LimitExceededError && limitsOfRoom.includes(error.details['limit'])) return 'no-room'
  return error.retryable || isAboutDisk(error) ? 'unavailable' : 'not-accepted'
}

function isAboutDisk (error: DataNodeError): boolean {
  return error instanceof StorageError || error instanceof StorageFullError || error instanceof CorruptBlockError
}
