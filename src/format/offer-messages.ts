/**
 * `/cortensor/offer/1`: asks a node to fetch a bundle from whoever offers it, and to hold it.
 *
 * Goals: a miner that opens no port hands its result over on the connection that it has, and knows when it may lose its disk.
 * Not goals: sending blocks, which go over `/cortensor/dag/1`; telling of bundles that nobody asked for.
 *
 * **Framing.** Each message is a protobuf message (offer-messages.proto) behind its length as an unsigned varint in its
 * shortest form, and has at most 1 KiB. Fields that are not known are passed over.
 *
 * **Stream.** The side that opened it sends one `Offer`. The other one sends one `Answer`, which may take as long as fetching
 * the bundle, and closes the stream. Whoever offered cancels by resetting the stream: what was fetched by then is forgotten.
 *
 * **Offer.** `root` is the binary CID of the bundle, `answers` that of the bundle that it answers: of a result the root of the
 * task bundle. Both are dag-pb with sha2-256. With these and the address that the handshake proved, the other side decides before
 * it fetches a byte. `delegation` is one as in delegation.ts, with at most 512 bytes: where it names the side that offers and
 * counts now, the offer is that of its wallet. One that does not count is passed over.
 *
 * **Answer.**
 *
 * - `HELD`: fetched from this peer or stored before, every block verified, found to be what it has to be, durable, and held.
 * - `REFUSED`: this node did not ask for it. Whether it knows what is answered, and whom it would take it from, is not told.
 * - `BUSY`: offer it again later, after `retryAfterMs` when it is there.
 * - `UNAVAILABLE`: it could not be fetched or stored; a later offer may go better.
 * - `NO_ROOM`: larger, or one more, than this node takes or has room for.
 * - `NOT_ACCEPTED`: fetched, and not what it has to be. Nothing of it was kept.
 * - `BAD_REQUEST`: the offer is malformed.
 * - any other value: a refusal.
 *
 * `reason` says more, for people, in at most 512 bytes. Nothing depends on it.
 */
import { InvalidMessageError } from '../errors.ts'
import { delegationBytesMax, offerMessageBytesMax, offerReasonBytesMax } from '../limits.ts'
import { decodeBinaryRoot } from './binary-cid.ts'
import { delimited, encodeBytesField, encodeNumberField, encodePresentNumber, readFields, wholeNumber } from './protobuf.ts'
import type { Offer, OfferAnswer, OfferStatus } from '../interface/offer.ts'
import type { CID } from 'multiformats/cid'
import type { MessageBound } from './delimited-reader.ts'

/** Name under which both sides negotiate a stream. */
export const offerProtocol = '/cortensor/offer/1'

/** How large its messages may be. */
export const offerBound: MessageBound = { bytesMax: offerMessageBytesMax, limit: 'offerMessageBytesMax' }

const statuses: readonly OfferStatus[] = ['unknown', 'held', 'refused', 'busy', 'unavailable', 'no-room', 'not-accepted', 'bad-request']

/** Writes an offer with its length in front. */
export function encodeOffer ({ root, answers, delegation }: Offer): Uint8Array<ArrayBuffer> {
  const shown = delegation === undefined ? [] : encodeBytesField(3, delegation)
  return delimited([...encodeBytesField(1, root.bytes), ...encodeBytesField(2, answers.bytes), ...shown])
}

/**
 * Reads an offer without the length in front.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeOffer (message: Uint8Array): Offer {
  let root: CID | undefined
  let answers: CID | undefined
  let delegation: Uint8Array | undefined
  for (const { number, bytes } of readFields(message)) {
    if (number === 1 && bytes !== undefined) root = decodeBinaryRoot(bytes, 'The root of an offer')
    else if (number === 2 && bytes !== undefined) answers = decodeBinaryRoot(bytes, 'What an offer answers')
    else if (number === 3 && bytes !== undefined) delegation = decodeShown(bytes)
  }
  if (root === undefined || answers === undefined) throw new InvalidMessageError('An offer lacks its root, or what that answers')
  return { root, answers, ...delegation === undefined ? {} : { delegation } }
}

/** Writes an answer with its length in front. A reason that is too long is cut between two characters. */
export function encodeOfferAnswer ({ status, retryAfterMs, reason = '' }: OfferAnswer): Uint8Array<ArrayBuffer> {
  const text = new Uint8Array(offerReasonBytesMax)
  const { written } = new TextEncoder().encodeInto(reason, text)
  return delimited([
    ...encodeNumberField(1, statuses.indexOf(status)),
    ...(retryAfterMs === undefined ? [] : encodePresentNumber(2, retryAfterMs)),
    ...(written === 0 ? [] : encodeBytesField(3, text.subarray(0, written)))
  ])
}

/**
 * Reads an answer without the length in front. A status that is not known is `unknown`.
 *
 * @throws {@link InvalidMessageError} when it is malformed
 */
export function decodeOfferAnswer (message: Uint8Array): OfferAnswer {
  const answer: OfferAnswer = { status: 'unknown' }
  for (const { number, value, bytes } of readFields(message)) {
    if (number === 1 && value !== undefined) answer.status = statuses[value] ?? 'unknown'
    else if (number === 2 && value !== undefined) answer.retryAfterMs = wholeNumber(value)
    else if (number === 3 && bytes !== undefined && bytes.length > 0) answer.reason = decodeReason(bytes)
  }
  return answer
}

function decodeShown (bytes: Uint8Array): Uint8Array {
  if (bytes.length <= delegationBytesMax) return new Uint8Array(bytes)
  throw new InvalidMessageError(`The delegation of an offer has ${bytes.length} bytes; at most ${delegationBytesMax} are taken`)
}

function decodeReason (bytes: Uint8Array): string {
  if (bytes.length > offerReasonBytesMax) {
    throw new InvalidMessageError(`The reason of an answer has ${bytes.length} bytes; at most ${offerReasonBytesMax} are taken`)
  }
  return new TextDecoder().decode(bytes)
}
