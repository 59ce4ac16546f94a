import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { readFieldVarint } from '../../src/format/varint.ts'
import {
  decodeWitnessAnswer, decodeWitnessRequest, encodeWitnessAnswer, encodeWitnessRequest, witnessProtocol
} from '../../src/format/witness-messages.ts'
import { proofHashesMax, seenCheckpointBytesMax, witnessMessageBytesMax } from '../../src/limits.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, mutate, readVectors } from './vectors.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { WitnessAnswer, WitnessRequest } from '../../src/interface/witness.ts'

const vectors = readVectors('witness-messages') as {
  requests: { name: string, bytes: Hex, request: Record<string, unknown> }[]
  answers: { name: string, bytes: Hex, answer: Record<string, unknown> }[]
}
const definition = protobufjs.parse(readFileSync(new URL('../../src/format/witness-messages.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.resolveAll()
const [RequestType, AnswerType] = ['Request', 'Answer'].map(name => definition.lookupType(`cortensor.witness.v1.${name}`)) as
  [protobufjs.Type, protobufjs.Type]
const statuses = ['unknown', 'ok', 'not-found', 'conflict', 'inconsistent', 'forbidden', 'busy', 'bad-request'] as const

const origin = hexOf(36).map(hex => `cortensor-datanode/0x${hex.slice(2, 42)}/${hex.slice(42)}`)
const checkpoint = fc.uint8Array({ minLength: 1, maxLength: 100 })
const request: fc.Arbitrary<WitnessRequest> = fc.oneof(
  fc.record({ op: fc.constant('ask' as const), origin, checkpoint }, { requiredKeys: ['op'] }),
  fc.record({
    op: fc.constant('add' as const), checkpoint, oldSize: fc.maxSafeNat(), proof: fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: proofHashesMax })
  }))
const answer: fc.Arbitrary<WitnessAnswer> = fc.record({
  status: fc.constantFrom(...statuses), time: fc.maxSafeNat(), checkpoint, trail: hexOf(32).map(cidOf), retryAfterMs: fc.nat()
}, { requiredKeys: ['status', 'time'] })

function bodyOf (message: Uint8Array): Uint8Array {
  const { value, next } = readFieldVarint(message, 0)
  expect(message.length - next).toBe(value)
  return message.subarray(next)
}

/** As it stands in the file of vectors. */
function plain (message: WitnessRequest | WitnessAnswer): unknown {
  return JSON.parse(JSON.stringify(message, (_, value: unknown) => value instanceof Uint8Array ? toHex(value) : value), (key, value: unknown) =>
    key === 'trail' ? (message as WitnessAnswer).trail?.toString() : value)
}

describe('Request', () => {
  it('goes by the name of its protocol', () => {
    expect(witnessProtocol).toBe('/cortensor/witness/1')
  })

  it.each(vectors.requests)('has the bytes of the test vector: $name', ({ bytes, request }) => {
    const read = decodeWitnessRequest(bodyOf(fromHex(bytes)))
    expect(plain(read)).toEqual(request)
    expect(toHex(encodeWitnessRequest(read))).toBe(bytes)
  })

  it('comes back as it was written, and is no larger than a message may be', () => {
    fc.assert(fc.property(request, value => {
      const message = bodyOf(encodeWitnessRequest(value))
      expect(message.length).toBeLessThan(witnessMessageBytesMax)
      expect(decodeWitnessRequest(message)).toEqual(value)
    }))
  })

  it('is read by protobufjs', () => {
    fc.assert(fc.property(request, value => {
      const read = RequestType.decode(bodyOf(encodeWitnessRequest(value))) as unknown as { op: number, origin: string, checkpoint: Uint8Array }
      expect([read.op, read.origin]).toEqual([value.op === 'ask' ? 1 : 2, value.op === 'ask' ? value.origin ?? '' : ''])
      expect([...read.checkpoint]).toEqual([...value.checkpoint ?? []])
    }))
  })

  it.each([
    ['nothing that it wants', {}],
    ['an unknown wish', { op: 3, checkpoint: Uint8Array.of(1) }],
    ['a log that is none of a node', { op: 1, origin: 'example.com/log' }],
    ['nothing to add', { op: 2 }],
    ['half a hash', { op: 2, checkpoint: Uint8Array.of(1), proof: new Uint8Array(48) }],
    ['more hashes than a proof may have', { op: 2, checkpoint: Uint8Array.of(1), proof: new Uint8Array(32 * (proofHashesMax + 1)) }],
    ['a large checkpoint', { op: 2, checkpoint: new Uint8Array(seenCheckpointBytesMax + 1) }]
  ])('is refused with %s', (_, fields) => {
    expect(() => decodeWitnessRequest(RequestType.encode(RequestType.create(fields)).finish())).toThrow(InvalidMessageError)
  })

  it('is read the same again, or refused, when it is damaged', () => {
    fc.assert(fc.property(request, mutations, (value, changes) => {
      const small = (message: Uint8Array): WitnessRequest => {
        const read = decodeWitnessRequest(message)
        return read.op === 'ask' ? read : { ...read, oldSize: Math.min(read.oldSize, 2 ** 50) }
      }
      const once = again(mutate(bodyOf(encodeWitnessRequest(value)), changes), small, read => bodyOf(encodeWitnessRequest(read)))
      if (once !== undefined) expect(again(once, small, read => bodyOf(encodeWitnessRequest(read)))).toEqual(once)
    }))
  })
})

describe('Answer', () => {
  it.each(vectors.answers)('has the bytes of the test vector: $name', ({ bytes, answer }) => {
    const read = decodeWitnessAnswer(bodyOf(fromHex(bytes)))
    expect(plain(read)).toEqual(answer)
    expect(toHex(encodeWitnessAnswer(read))).toBe(bytes)
  })

  it('comes back as it was written', () => {
    fc.assert(fc.property(answer, value => {
      expect(decodeWitnessAnswer(bodyOf(encodeWitnessAnswer(value)))).toEqual(value)
    }))
  })

  it('is read by protobufjs', () => {
    fc.assert(fc.property(answer, value => {
      const read = AnswerType.decode(bodyOf(encodeWitnessAnswer(value))) as unknown as { status: number, checkpoint: Uint8Array, trail: Uint8Array }
      expect(read.status).toBe(statuses.indexOf(value.status))
      expect([...read.checkpoint]).toEqual([...value.checkpoint ?? []])
      expect([...read.trail]).toEqual([...value.trail?.bytes ?? []])
    }))
  })

  it.each([{}, { status: 8 }, { status: -1 }])('is a refusal for an unknown reason when its status is %j', fields => {
    expect(decodeWitnessAnswer(AnswerType.encode(AnswerType.create(fields)).finish())).toEqual({ status: 'unknown', time: 0 })
  })

  it('is refused with a root of no bundle, or a large checkpoint', () => {
    for (const fields of [{ trail: Uint8Array.of(1, 2) }, { checkpoint: new Uint8Array(seenCheckpointBytesMax + 1) }]) {
      expect(() => decodeWitnessAnswer(AnswerType.encode(AnswerType.create(fields)).finish())).toThrow(InvalidMessageError)
    }
  })
})
