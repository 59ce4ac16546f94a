import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { CID } from 'multiformats/cid'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { decodeVersionQuery, decodeVersionsAnswer, encodeVersionQuery, encodeVersionsAnswer } from '../../src/format/dataset-messages.ts'
import { cidOf } from '../../src/format/digest.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { readFieldVarint } from '../../src/format/varint.ts'
import { datasetAnswerBytesMax, datasetAnswerVersionsMax, datasetQueryBytesMax, delegationBytesMax, statementBytesMax } from '../../src/limits.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { mutate, readVectors } from './vectors.ts'
import type { VersionAnswer, VersionQuery, VersionsAnswer } from '../../src/interface/dataset-lookup.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const vectors = readVectors('dataset-messages') as {
  queries: { name: string, bytes: Hex, query: VersionQuery }[]
  answers: { name: string, bytes: Hex, answer: { status: VersionsAnswer['status'], versions: { root: string, version: string, statement: Hex, delegation?: Hex }[] } }[]
}

/** Another implementation, from the same definition. */
const definition = protobufjs.parse(readFileSync(new URL('../../src/format/dataset-messages.proto', import.meta.url), 'utf8'), { keepCase: true })
  .root.resolveAll()
const [QueryType, AnswerType] = ['Query', 'Answer'].map(name => definition.lookupType(`cortensor.dataset.v1.${name}`)) as [protobufjs.Type, protobufjs.Type]
const statuses = ['unknown', 'ok', 'busy', 'bad-request'] as const

const version = fc.tuple(fc.nat(), fc.nat(), fc.nat()).map(numbers => numbers.join('.'))
const query: fc.Arbitrary<VersionQuery> = fc.record({
  publisher: hexOf(20), name: fc.stringMatching(/^[a-z0-9][a-z0-9._-]{0,99}$/), version
}, { requiredKeys: ['publisher', 'name'] })
const answer: fc.Arbitrary<VersionsAnswer> = fc.record({
  status: fc.constantFrom(...statuses),
  versions: fc.array(fc.record<VersionAnswer>({
    root: hexOf(32).map(cidOf), version, statement: fc.uint8Array({ maxLength: 40 }), delegation: fc.uint8Array({ minLength: 1, maxLength: 40 })
  }, { requiredKeys: ['root', 'version', 'statement'] }), { maxLength: 3 })
})

/** Bytes and roots as text. */
const plain = ({ status, versions }: VersionsAnswer): unknown =>
  [status, versions.map(({ root, version, statement, delegation }) => [root.toString(), version, toHex(statement), delegation && toHex(delegation)])]

/** Takes the length off, and checks it. */
function bodyOf (message: Uint8Array): Uint8Array {
  const { value, next } = readFieldVarint(message, 0)
  expect(message.length - next).toBe(value)
  return message.subarray(next)
}

describe('queries', () => {
  it.each(vectors.queries)('has a vector of $name', ({ bytes, query }) => {
    expect(toHex(encodeVersionQuery(query))).toBe(bytes)
    expect(decodeVersionQuery(bodyOf(fromHex(bytes)))).toEqual(query)
  })

  it('reads what it writes, and another implementation reads the same', () => {
    fc.assert(fc.property(query, given => {
      const body = bodyOf(encodeVersionQuery(given))
      expect(decodeVersionQuery(body)).toEqual(given)
      const read: unknown = QueryType.toObject(QueryType.decode(body), { defaults: true, bytes: String })
      const publisher = Buffer.from(given.publisher.slice(2), 'hex').toString('base64')
      expect(read).toEqual({ publisher, name: given.name, version: given.version ?? '' })
      expect(body.length).toBeLessThan(datasetQueryBytesMax)
    }))
  })

  it.each([
    ['nothing', {}], ['a short address', { publisher: Buffer.alloc(19), name: 'qa' }], ['a name in capitals', { publisher: Buffer.alloc(20), name: 'QA' }],
    ['half a version', { publisher: Buffer.alloc(20), name: 'qa', version: '1.0' }], ['a long name', { publisher: Buffer.alloc(20), name: 'q'.repeat(129) }]
  ])('refuses %s', (_, given) => {
    expect(() => decodeVersionQuery(QueryType.encode(QueryType.create(given)).finish())).toThrow(InvalidMessageError)
  })
})

describe('answers', () => {
  it.each(vectors.answers)('has a vector of $name', ({ bytes, answer }) => {
    const given = { ...answer, versions: answer.versions.map(({ root, version, statement, delegation }) => ({
      root: CID.parse(root), version, statement: fromHex(statement), ...(delegation === undefined ? {} : { delegation: fromHex(delegation) })
    })) }
    expect(toHex(encodeVersionsAnswer(given))).toBe(bytes)
    expect(plain(decodeVersionsAnswer(bodyOf(fromHex(bytes))))).toEqual(plain(given))
  })

  it('reads what it writes, and another implementation reads the same', () => {
    fc.assert(fc.property(answer, given => {
      const body = bodyOf(encodeVersionsAnswer(given))
      expect(plain(decodeVersionsAnswer(body))).toEqual(plain(given))
      const read = AnswerType.toObject(AnswerType.decode(body), { defaults: true }) as { status: number, versions: { version: string }[] }
      expect(read.status).toBe(statuses.indexOf(given.status))
      expect(read.versions.map(({ version }) => version)).toEqual(given.versions.map(({ version }) => version))
    }))
  })

  it('has room for as many versions as there may be, each with the longest statement and delegation', () => {
    const said = { statement: new Uint8Array(statementBytesMax), delegation: new Uint8Array(delegationBytesMax) }
    const one = { root: cidOf(`0x${'11'.repeat(32)}`), version: Array(3).fill('9'.repeat(15)).join('.'), ...said }
    const bytes = encodeVersionsAnswer({ status: 'ok', versions: Array<typeof one>(datasetAnswerVersionsMax + 1).fill(one) })
    expect(bytes.length).toBeLessThanOrEqual(datasetAnswerBytesMax)
    expect(decodeVersionsAnswer(bodyOf(bytes)).versions).toHaveLength(datasetAnswerVersionsMax)
  })

  it.each([
    ['one version too many', { versions: Array<object>(datasetAnswerVersionsMax + 1).fill({ root: cidOf(`0x${'11'.repeat(32)}`).bytes, version: '1.0.0' }) }],
    ['a version without a root', { versions: [{ version: '1.0.0' }] }],
    ['a root that is none', { versions: [{ root: Buffer.from([1, 0x55, 0x12, 0x20, ...Buffer.alloc(32)]), version: '1.0.0' }] }],
    ['a version that is none', { versions: [{ root: cidOf(`0x${'11'.repeat(32)}`).bytes, version: '1' }] }],
    ['a statement that is too long', { versions: [{ root: cidOf(`0x${'11'.repeat(32)}`).bytes, version: '1.0.0', statement: Buffer.alloc(statementBytesMax + 1) }] }],
    ['a delegation that is too long', { versions: [{ root: cidOf(`0x${'11'.repeat(32)}`).bytes, version: '1.0.0', delegation: Buffer.alloc(delegationBytesMax + 1) }] }]
  ])('refuses %s', (_, given) => {
    expect(() => decodeVersionsAnswer(AnswerType.encode(AnswerType.create(given)).finish())).toThrow(InvalidMessageError)
  })

  it('throws nothing else whatever comes', () => {
    fc.assert(fc.property(answer, mutations, (given, changes) => {
      try {
        decodeVersionsAnswer(mutate(bodyOf(encodeVersionsAnswer(given)), changes))
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidMessageError)
      }
    }))
  })
})
