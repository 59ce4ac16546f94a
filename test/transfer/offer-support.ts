import { cidOf } from '../../src/format/digest.ts'
import { decodeOffer, encodeOfferAnswer, offerBound, offerProtocol } from '../../src/format/offer-messages.ts'
import { MessageStream } from '../../src/transfer/message-stream.ts'
import { startPeer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { ConnectedPeer } from '../../src/interface/network.ts'
import type { Offer, OfferAnswer } from '../../src/interface/offer.ts'

type Peer = Awaited<ReturnType<typeof startPeer>>

/** What the tests offer; nobody has it. */
export const offered: Offer = { root: cidOf(`0x${'11'.repeat(32)}`), answers: cidOf(`0x${'22'.repeat(32)}`) }

/** A node that handles streams of offers as the test wants. */
export async function startRawTaker (n: number, handler: (stream: Stream, peer: ConnectedPeer) => Promise<void>): Promise<Peer> {
  const peer = await startPeer(n)
  await peer.handle(offerProtocol, handler)
  return peer
}

/** A node that answers each offer as the test wants; `undefined` is no answer at all. */
export async function startTaker (
  n: number, answer: (offer: Offer, peer: ConnectedPeer) => OfferAnswer | undefined | Promise<OfferAnswer | undefined>
): Promise<Peer & { received: Offer[] }> {
  const received: Offer[] = []
  const peer = await startRawTaker(n, async (stream, from) => {
    const offers = new MessageStream(stream, offerBound)
    const offer = decodeOffer(await offers.receive(10_000, () => new Error('no offer came')))
    received.push(offer)
    const given = await answer(offer, from)
    if (given === undefined) return
    await offers.send(encodeOfferAnswer(given))
    await stream.close()
  })
  return Object.assign(peer, { received })
}
