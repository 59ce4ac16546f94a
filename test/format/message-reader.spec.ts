import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DataNodeError, InvalidMessageError, LimitExceededError } from '../../src/errors.ts'
import { cidOf } from '../../src/format/digest.ts'
import { AnswerReader, RequestReader } from '../../src/format/message-reader.ts'
import { encodeDataHead, encodeEnd, encodeHeader, encodeRequest } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { dataBytesMax, messageBytesMax, requestBytesMax } from '../../src/limits.ts'
import { mutations } from './arbitraries.ts'
import { noise } from './dags.ts'
import { mutate } from './vectors.ts'
import type { DagAnswer } from '../../src/format/messages.ts'

const request = { root: cidOf(`0x${'11'.repeat(32)}`), mode: 'all' as const, from: [1, 2], to: [3], since: [] }
const cuts = fc.array(fc.nat(), { maxLength: 10 })

function cutAt (bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const borders = [0, ...places.map(place => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]
  return borders.slice(1).map((end, index) => bytes.subarray(borders[index], end))
}

function data (bytes: Uint8Array): Uint8Array {
  return concat([encodeDataHead(bytes.length), bytes])
}

/** Reads answers: the digest of all data, and everything else. */
function readAnswers (pieces: readonly Uint8Array[]): { data: string, others: DagAnswer[] } {
  const reader = new AnswerReader()
  const hash = createHash('sha256')
  const others: DagAnswer[] = []
  for (const answer of pieces.flatMap(piece => [...reader.read(piece)])) {
    if (answer.type === 'data') hash.update(answer.bytes)
    else others.push(answer)
  }
  expect(reader.atStart).toBe(true)
  return { data: hash.digest('hex'), others }
}

describe('RequestReader', () => {
  it('reads requests in pieces of any size', () => {
    const two = concat([encodeRequest(request), encodeRequest({ ...request, mode: 'inner' })])
    fc.assert(fc.property(cuts, (places) => {
      const reader = new RequestReader()
      expect(cutAt(two, places).flatMap(piece => reader.push(piece))).toEqual([request, { ...request, mode: 'inner' }])
      expect(reader.atStart).toBe(true)
    }))
  })

  it('knows whether it is inside of a request', () => {
    const reader = new RequestReader()
    reader.push(encodeRequest(request).subarray(0, 1))
    expect(reader.atStart).toBe(false)
  })

  it('takes a request as large as allowed and refuses a larger one before it has come', () => {
    const body = encodeRequest(request).subarray(1)
    const rest = requestBytesMax - body.length - 3
    const padding = concat([encodeVarint(15 * 8 + 2), encodeVarint(rest), new Uint8Array(rest)])
    expect(new RequestReader().push(concat([encodeVarint(requestBytesMax), body, padding]))).toEqual([request])
    expect(() => new RequestReader().push(encodeVarint(requestBytesMax + 1))).toThrow(LimitExceededError)
  })

  it('refuses an empty request', () => {
    expect(() => new RequestReader().push(Uint8Array.of(0))).toThrow(InvalidMessageError)
  })
})

describe('AnswerReader', () => {
  const answers = concat([encodeHeader({ status: 'ok', size: 9 }), data(noise(300, 1)), Uint8Array.of(0), data(noise(messageBytesMax, 2)), encodeEnd('ok')])

  it('reads answers in pieces of any size, large data as they come', () => {
    const expected = {
      data: createHash('sha256').update(noise(300, 1)).update(noise(messageBytesMax, 2)).digest('hex'),
      others: [{ type: 'header', header: { status: 'ok', size: 9, access: 'restricted', statements: [] } }, { type: 'end', status: 'ok' }]
    }
    fc.assert(fc.property(cuts, (places) => {
      expect(readAnswers(cutAt(answers, places))).toEqual(expected)
    }))
    expect(readAnswers([...answers].map(byte => Uint8Array.of(byte)))).toEqual(expected)
  })

  it('copies no data that come in one piece', () => {
    const [header, small, large] = new AnswerReader().read(answers)
    expect(header?.type).toBe('header')
    for (const answer of [small, large]) expect(answer?.type === 'data' && answer.bytes.buffer === answers.buffer).toBe(true)
  })

  it('knows whether it is inside of a message', () => {
    for (const length of [1, 5, 20, 400, 5000]) {
      const reader = new AnswerReader()
      expect([...reader.read(answers.subarray(0, length))].length).toBeLessThan(4)
      expect(reader.atStart).toBe(false)
    }
  })

  it('gives what stands before a fault', () => {
    const seen: string[] = []
    expect(() => {
      for (const { type } of new AnswerReader().read(concat([answers, Uint8Array.of(1, 0xff)]))) seen.push(type)
    }).toThrow(InvalidMessageError)
    expect(seen).toEqual(['header', 'data', 'data', 'end'])
  })

  it('takes data as large as allowed and refuses larger ones before they have come', () => {
    const reader = new AnswerReader()
    expect([...reader.read(encodeDataHead(dataBytesMax))]).toEqual([])
    expect([...reader.read(new Uint8Array(dataBytesMax))]).toHaveLength(1)
    expect(reader.atStart).toBe(true)
    expect(() => [...new AnswerReader().read(encodeDataHead(dataBytesMax + 1))]).toThrow(LimitExceededError)
  })

  it('refuses a large message that is not data', () => {
    const header = concat([encodeVarint(messageBytesMax + 1), Uint8Array.of(0x0a)])
    expect(() => [...new AnswerReader().read(header)]).toThrow(InvalidMessageError)
  })

  it('refuses a large message that is not data alone', () => {
    const head = concat([encodeVarint(messageBytesMax + 10), Uint8Array.of(0x12), encodeVarint(messageBytesMax)])
    expect(() => [...new AnswerReader().read(head)]).toThrow(InvalidMessageError)
  })

  it('reads or refuses damaged answers, and does nothing else', () => {
    fc.assert(fc.property(mutations, cuts, (changes, places) => {
      const reader = new AnswerReader()
      try {
        for (const piece of cutAt(mutate(answers.subarray(0, 350), changes), places)) {
          for (const { type } of reader.read(piece)) expect(type).toBeDefined()
        }
      } catch (error) {
        expect(error).toBeInstanceOf(DataNodeError)
      }
    }), { numRuns: 2000 })
  })
})
