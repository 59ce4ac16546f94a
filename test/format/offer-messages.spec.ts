import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeOffer, decodeOfferAnswer, encodeOffer, encodeOfferAnswer, offerProtocol } from '../../src/format/offer-messages.ts'
import { readFieldVarint } from '../../src/format/varint.ts'
import { delegationBytesMax, offerMessageBytesMax, offerReasonBytesMax } from '../../src/limits.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, mutate, readVectors } from './vectors.ts'
import type { Offer, OfferAnswer } from '../../src/interface/offer.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const vectors = readVectors('offer-messages') as {
  offers: { name: string, bytes: Hex, offer: { root: string, answers: string, delegation?: Hex } }[]
  answers: { name: string, bytes: Hex, answer: OfferAnswer }[]
}

/** Another implementation, from the same definition. */
const definition = protobufjs.parse(readFileSync(new URL('../../src/format/offer-messages.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.resolveAll()
const [OfferType, AnswerType] = ['Offer', 'Answer'].map(name => definition.lookupType(`cortensor.offer.v1.${name}`)) as
  [protobufjs.Type, protobufjs.Type]
const statuses = ['unknown', 'held', 'refused', 'busy', 'unavailable', 'no-room', 'not-accepted', 'bad-request'] as const

const offer: fc.Arbitrary<Offer> = fc.record({
  root: hexOf(32).map(cidOf), answers: hexOf(32).map(cidOf), delegation: fc.uint8Array({ maxLength: delegationBytesMax })
}, { requiredKeys: ['root', 'answers'] })
const answer = fc.record({
  status: fc.constantFrom(...statuses),
  retryAfterMs: fc.nat(),
  reason: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }).filter(text => Buffer.byteLength(text) <= offerReasonBytesMax)
}, { requiredKeys: ['status'] })
const bytes = cidOf(`0x${'11'.repeat(32)}`).bytes

/** Takes the length off, and checks it. */
function bodyOf (message: Uint8Array): Uint8Array {
  const { value, next } = readFieldVarint(message, 0)
  expect(message.length - next).toBe(value)
  return message.subarray(next)
}

function encoded (type: protobufjs.Type, message: Record<string, unknown>): Uint8Array {
  return type.encode(type.create(message)).finish()
}

describe('Offer', () => {
  it('goes by the name of its protocol', () => {
    expect(offerProtocol).toBe('/cortensor/offer/1')
  })

  it.each(vectors.offers)('has the bytes of the test vector: $name', ({ bytes, offer: { root, answers, delegation } }) => {
    const expected = { root: CID.parse(root), answers: CID.parse(answers), ...delegation === undefined ? {} : { delegation: fromHex(delegation) } }
    expect(toHex(encodeOffer(expected))).toBe(bytes)
    expect(decodeOffer(bodyOf(fromHex(bytes)))).toEqual(expected)
  })

  it('comes back as it was written, and is no larger than a message may be', () => {
    fc.assert(fc.property(offer, (value) => {
      const message = bodyOf(encodeOffer(value))
      expect(message.length).toBeLessThan(offerMessageBytesMax)
      expect(decodeOffer(message)).toEqual(value)
    }))
  })

  it('is read by protobufjs, and as protobufjs writes it', () => {
    fc.assert(fc.property(offer, (value) => {
      const { root, answers, delegation } = value
      const fields = { root: [...root.bytes], answers: [...answers.bytes], ...delegation === undefined ? {} : { delegation: [...delegation] } }
      expect(OfferType.toObject(OfferType.decode(bodyOf(encodeOffer(value))), { bytes: Array })).toEqual(fields)
      expect(decodeOffer(encoded(OfferType, { ...value, root: root.bytes, answers: answers.bytes }))).toEqual(value)
    }))
  })

  it('takes fields that are not known, and roots of version 0 as those of version 1', () => {
    const [version0, version1] = [cidOf(`0x${'22'.repeat(32)}`).toV0(), cidOf(`0x${'22'.repeat(32)}`)]
    const message = protobufjs.Writer.create().uint32(10).bytes(bytes).uint32(18).bytes(version0.bytes).uint32(802).string('x').uint32(24).uint32(5)
    expect(decodeOffer(message.finish())).toEqual({ root: cidOf(`0x${'11'.repeat(32)}`), answers: version1 })
  })

  it.each([
    ['no root', { answers: bytes }],
    ['nothing that it answers', { root: bytes }],
    ['a delegation that is too large', { root: bytes, answers: bytes, delegation: new Uint8Array(delegationBytesMax + 1) }],
    ['a root that is no CID', { root: Uint8Array.of(1, 2, 3), answers: bytes }],
    ['a root of a raw block', { root: Uint8Array.from([1, 0x55, 0x12, 32, ...new Uint8Array(32)]), answers: bytes }],
    ['an identity hash for what it answers', { root: bytes, answers: Uint8Array.from([1, 0x70, 0, 2, 1, 2]) }]
  ])('is refused with %s', (_, fields) => {
    expect(() => decodeOffer(encoded(OfferType, fields))).toThrow(InvalidMessageError)
  })

  it('is read the same again, or refused, when it is damaged', () => {
    fc.assert(fc.property(offer, mutations, (value, changes) => {
      const once = again(mutate(bodyOf(encodeOffer(value)), changes), decodeOffer, read => bodyOf(encodeOffer(read)))
      if (once !== undefined) expect(again(once, decodeOffer, read => bodyOf(encodeOffer(read)))).toEqual(once)
    }), { numRuns: 1000 })
  })
})

describe('Answer', () => {
  it.each(vectors.answers)('has the bytes of the test vector: $name', ({ bytes, answer }) => {
    expect(toHex(encodeOfferAnswer(answer))).toBe(bytes)
    expect(decodeOfferAnswer(bodyOf(fromHex(bytes)))).toEqual(answer)
  })

  it('comes back as it was written', () => {
    fc.assert(fc.property(answer, (value) => {
      expect(decodeOfferAnswer(bodyOf(encodeOfferAnswer(value)))).toEqual(value)
    }))
  })

  it('is read by protobufjs', () => {
    fc.assert(fc.property(answer, (value) => {
      const read = AnswerType.toObject(AnswerType.decode(bodyOf(encodeOfferAnswer(value))))
      const { status, ...rest } = value
      expect(read).toEqual({ ...rest, ...status === 'unknown' ? {} : { status: statuses.indexOf(status) } })
    }))
  })

  it.each([{}, { status: 8 }, { status: -1 }])('is a refusal for an unknown reason when its status is %j', fields => {
    expect(decodeOfferAnswer(encoded(AnswerType, fields))).toEqual({ status: 'unknown' })
  })

  it('cuts a reason that is too long between two characters', () => {
    const longest = 'x'.repeat(offerReasonBytesMax)
    expect(decodeOfferAnswer(bodyOf(encodeOfferAnswer({ status: 'held', reason: longest }))).reason).toBe(longest)
    expect(decodeOfferAnswer(bodyOf(encodeOfferAnswer({ status: 'held', reason: `${longest}x` }))).reason).toBe(longest)
    expect(decodeOfferAnswer(bodyOf(encodeOfferAnswer({ status: 'held', reason: `${longest.slice(1)}é` }))).reason).toBe(longest.slice(1))
  })

  it('is refused with a reason that is longer than allowed', () => {
    const reason = 'x'.repeat(offerReasonBytesMax)
    expect(decodeOfferAnswer(encoded(AnswerType, { reason }))).toEqual({ status: 'unknown', reason })
    expect(() => decodeOfferAnswer(encoded(AnswerType, { reason: `${reason}x` }))).toThrow(InvalidMessageError)
  })

  it('is read the same again, or refused, when it is damaged', () => {
    fc.assert(fc.property(answer, mutations, (value, changes) => {
      const decode = (message: Uint8Array): OfferAnswer => {
        const read = decodeOfferAnswer(message)
        // What is above 2^53 is read with its low digits lost, and is not written again.
        return { ...read, retryAfterMs: Math.min(read.retryAfterMs ?? 0, 2 ** 50) }
      }
      const once = again(mutate(bodyOf(encodeOfferAnswer(value)), changes), decode, read => bodyOf(encodeOfferAnswer(read)))
      if (once !== undefined) expect(again(once, decode, read => bodyOf(encodeOfferAnswer(read)))).toEqual(once)
    }), { numRuns: 1000 })
  })
})
