import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import {
  decodeEvidenceAnswer, decodeEvidenceRequest, encodeEvidenceAnswer, encodeEvidenceRequest, evidenceProtocol
} from '../../src/format/evidence-messages.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { readFieldVarint } from '../../src/format/varint.ts'
import {
  delegationBytesMax, evidenceAnswerBytesMax, evidenceRequestBytesMax, foundEvidenceMax, statementBytesMax
} from '../../src/limits.ts'
import { hexOf, mutations, task } from './arbitraries.ts'
import { again, mutate, readVectors } from './vectors.ts'
import type { EvidenceAnswer, EvidenceQuestion } from '../../src/interface/evidence-lookup.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const vectors = readVectors('evidence-messages') as {
  requests: { name: string, bytes: Hex, request: EvidenceQuestion }[]
  answers: { name: string, bytes: Hex, answer: Record<string, unknown> }[]
}
const definition = protobufjs.parse(readFileSync(new URL('../../src/format/evidence-messages.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.resolveAll()
const [RequestType, AnswerType] = ['Request', 'Answer'].map(name => definition.lookupType(`cortensor.evidence.v1.${name}`)) as
  [protobufjs.Type, protobufjs.Type]

const request: fc.Arbitrary<EvidenceQuestion> = fc.record({ task, signer: hexOf(20) }, { requiredKeys: ['task'] })
const few = (bytes: number): fc.Arbitrary<Uint8Array[]> => fc.array(fc.uint8Array({ maxLength: bytes }), { maxLength: foundEvidenceMax })
const answer: fc.Arbitrary<EvidenceAnswer> = fc.record({
  status: fc.constantFrom('unknown', 'ok', 'busy', 'bad-request'), statements: few(statementBytesMax), delegations: few(delegationBytesMax), retryAfterMs: fc.nat()
}, { requiredKeys: ['status', 'statements', 'delegations'] })

function bodyOf (message: Uint8Array): Uint8Array {
  const { value, next } = readFieldVarint(message, 0)
  expect(message.length - next).toBe(value)
  return message.subarray(next)
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value, (_, part: unknown) => part instanceof Uint8Array ? toHex(part) : part))

describe('Request', () => {
  it('goes by the name of its protocol', () => {
    expect(evidenceProtocol).toBe('/cortensor/evidence/1')
  })

  it.each(vectors.requests)('has the bytes of the test vector: $name', ({ bytes, request }) => {
    expect(decodeEvidenceRequest(bodyOf(fromHex(bytes)))).toEqual(request)
    expect(toHex(encodeEvidenceRequest(request))).toBe(bytes)
  })

  it('comes back as it was written, and is no larger than it may be', () => {
    fc.assert(fc.property(request, value => {
      const message = bodyOf(encodeEvidenceRequest(value))
      expect(message.length).toBeLessThan(evidenceRequestBytesMax)
      expect(decodeEvidenceRequest(message)).toEqual(value)
    }))
  })

  const whole = { chainId: '1', queue: new Uint8Array(20), sessionId: '2', taskId: '3' }
  it.each([
    ['nothing in it', {}],
    ['no chain', { ...whole, chainId: '' }],
    ['a number with a zero in front', { ...whole, taskId: '01' }],
    ['a number of 257 bits', { ...whole, sessionId: (2n ** 256n).toString() }],
    ['a long text for a number', { ...whole, taskId: '9'.repeat(900) }],
    ['half an address', { ...whole, queue: new Uint8Array(10) }],
    ['an address of a signer that is too long', { ...whole, signer: new Uint8Array(21) }]
  ])('is refused with %s', (_, fields) => {
    expect(() => decodeEvidenceRequest(RequestType.encode(RequestType.create(fields)).finish())).toThrow(InvalidMessageError)
  })

  it('is read the same again, or refused, when it is damaged', () => {
    fc.assert(fc.property(request, mutations, (value, changes) => {
      const damaged = mutate(bodyOf(encodeEvidenceRequest(value)), changes)
      const once = again(damaged, decodeEvidenceRequest, read => bodyOf(encodeEvidenceRequest(read)))
      if (once !== undefined) expect(again(once, decodeEvidenceRequest, read => bodyOf(encodeEvidenceRequest(read)))).toEqual(once)
    }))
  })
})

describe('Answer', () => {
  it.each(vectors.answers)('has the bytes of the test vector: $name', ({ bytes, answer }) => {
    const read = decodeEvidenceAnswer(bodyOf(fromHex(bytes)))
    expect(plain(read)).toEqual(answer)
    expect(toHex(encodeEvidenceAnswer(read))).toBe(bytes)
  })

  it('comes back as it was written, and is no larger than it may be', () => {
    fc.assert(fc.property(answer, value => {
      const message = bodyOf(encodeEvidenceAnswer(value))
      expect(message.length).toBeLessThan(evidenceAnswerBytesMax)
      expect(decodeEvidenceAnswer(message)).toEqual(value)
    }))
  })

  it.each([
    ['more statements than may be', { statements: Array(foundEvidenceMax + 1).fill(Uint8Array.of(1)) }],
    ['more delegations than may be', { delegations: Array(foundEvidenceMax + 1).fill(Uint8Array.of(1)) }],
    ['a statement that is too large', { statements: [new Uint8Array(statementBytesMax + 1)] }],
    ['a delegation that is too large', { delegations: [new Uint8Array(delegationBytesMax + 1)] }]
  ])('is refused with %s', (_, fields) => {
    expect(() => decodeEvidenceAnswer(AnswerType.encode(AnswerType.create(fields)).finish())).toThrow(InvalidMessageError)
  })

  it.each([{}, { status: 4 }, { status: -1 }])('is a refusal for an unknown reason when its status is %j', fields => {
    expect(decodeEvidenceAnswer(AnswerType.encode(AnswerType.create(fields)).finish())).toEqual({ status: 'unknown', statements: [], delegations: [] })
  })
})
