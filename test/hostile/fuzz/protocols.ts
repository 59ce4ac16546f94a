import { decodeVersionQuery, decodeVersionsAnswer, encodeVersionQuery, encodeVersionsAnswer } from '../../../src/format/dataset-messages.ts'
import { decodeEvidenceAnswer, decodeEvidenceRequest, encodeEvidenceAnswer, encodeEvidenceRequest } from '../../../src/format/evidence-messages.ts'
import { fromHex } from '../../../src/format/hex.ts'
import { decodeOffer, decodeOfferAnswer, encodeOffer, encodeOfferAnswer } from '../../../src/format/offer-messages.ts'
import { readFieldVarint } from '../../../src/format/varint.ts'
import { decodeWitnessAnswer, decodeWitnessRequest, encodeWitnessAnswer, encodeWitnessRequest } from '../../../src/format/witness-messages.ts'
import { readVectors } from '../../format/vectors.ts'
import type { Hex } from '../../../src/interface/primitives.ts'
import type { Fuzzed } from './decoders.ts'

/** A protocol beside the one that moves blocks: messages with their length in front. */
const protocols = [
  ['offer', 'offers', decodeOffer, encodeOffer],
  ['offer', 'answers', decodeOfferAnswer, encodeOfferAnswer],
  ['witness', 'requests', decodeWitnessRequest, encodeWitnessRequest],
  ['witness', 'answers', decodeWitnessAnswer, encodeWitnessAnswer],
  ['evidence', 'requests', decodeEvidenceRequest, encodeEvidenceRequest],
  ['evidence', 'answers', decodeEvidenceAnswer, encodeEvidenceAnswer],
  ['dataset', 'queries', decodeVersionQuery, encodeVersionQuery],
  ['dataset', 'answers', decodeVersionsAnswer, encodeVersionsAnswer]
] as const

/** Decoders of the messages of all other protocols. Unknown fields are ignored, so there is more than one form of each. */
export function protocolDecoders (): Fuzzed[] {
  return protocols.map(([protocol, messages, decode, encode]) => {
    const vectors = readVectors(`${protocol}-messages`) as Record<string, { bytes: Hex }[]>
    return {
      what: `${protocol}: ${messages}`,
      samples: (vectors[messages] ?? []).map(({ bytes }) => withoutLength(fromHex(bytes))),
      decode,
      encode: value => withoutLength(encode(value as never))
    }
  })
}

function withoutLength (message: Uint8Array): Uint8Array {
  const { next } = readFieldVarint(message, 0)
  return message.subarray(next)
}
