import { decodeOfferAnswer, encodeOffer, offerBound, offerProtocol } from '../format/offer-messages.ts'
import { exchange } from './exchange.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { Offer, OfferAnswer } from '../interface/offer.ts'

/**
 * Offers a bundle to a peer and waits for the answer, which may take as long as fetching the bundle does: the signal is what
 * bounds it. Aborting it takes the offer back. Throws as {@link exchange} does.
 */
export async function offer (
  network: Pick<Network, 'openStream'>, peer: ConnectedPeer, offered: Offer, signal: AbortSignal
): Promise<OfferAnswer> {
  const message = encodeOffer(offered)
  return decodeOfferAnswer(await exchange(network, peer, { protocol: offerProtocol, message, bound: offerBound, signal }))
}
