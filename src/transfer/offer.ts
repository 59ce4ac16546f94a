import { DataNodeError, PeerUnreachableError, StoppedError, TimedOutError } from '../errors.ts'
import { decodeOfferAnswer, encodeOffer, offerProtocol } from '../format/offer-messages.ts'
import { timerMsMax } from '../limits.ts'
import { OfferStream } from './offer-stream.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { Offer, OfferAnswer } from '../interface/offer.ts'

/**
 * Offers a bundle to a peer and waits for the answer, which may take as long as fetching the bundle does: the signal is what
 * bounds it. Aborting it takes the offer back.
 *
 * @throws {@link RefusedError} when the peer takes no offers at all
 * @throws {@link PeerUnreachableError} when the connection or the stream ends before the answer
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when the answer is malformed
 */
export async function offer (
  network: Pick<Network, 'openStream'>, peer: ConnectedPeer, offered: Offer, signal: AbortSignal
): Promise<OfferAnswer> {
  const opened = await network.openStream(peer, offerProtocol, { signal })
  const stream = new OfferStream(opened)
  const onAbort = (): void => { stream.fail(signal.reason) }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    await stream.send(encodeOffer(offered))
    return decodeOfferAnswer(await stream.receive(timerMsMax, () => new TimedOutError('No answer came')))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DataNodeError) throw error
    throw new PeerUnreachableError(`${peer.address ?? peer.peerId} broke off the stream of an offer`, { peer: peer.peerId, cause: error })
  } finally {
    signal.removeEventListener('abort', onAbort)
    opened.abort(new StoppedError('The stream is not needed any more'))
  }
}
