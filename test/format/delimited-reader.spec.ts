import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError, LimitExceededError } from '../../src/errors.ts'
import { boundedLength, DelimitedReader } from '../../src/format/delimited-reader.ts'
import { concat, delimited } from '../../src/format/protobuf.ts'

const bound = { bytesMax: 300, limit: 'someBytesMax' }

function readAll (pieces: readonly Uint8Array[]): Uint8Array[] {
  const reader = new DelimitedReader(bound)
  const messages = pieces.flatMap(piece => [...reader.read(piece)])
  expect(reader.atStart).toBe(true)
  return messages
}

describe('DelimitedReader', () => {
  it('reads messages in pieces of any size', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: bound.bytesMax }), { maxLength: 4 }), fc.nat(), (messages, place) => {
      const bytes = concat(messages.map(message => delimited([message])))
      const cut = place % (bytes.length + 1)
      expect(readAll([bytes.subarray(0, cut), bytes.subarray(cut)])).toEqual(messages)
      expect(readAll([...bytes].map(byte => Uint8Array.of(byte)))).toEqual(messages)
    }))
  })

  it('knows whether it is inside of a message', () => {
    const reader = new DelimitedReader(bound)
    const states = [...delimited([new Uint8Array(200)])].map(byte => {
      Array.from(reader.read(Uint8Array.of(byte)))
      return reader.atStart
    })
    expect(states.lastIndexOf(false)).toBe(states.length - 2)
    expect(states.indexOf(true)).toBe(states.length - 1)
  })

  it('refuses a message that is larger than allowed before it has come', () => {
    expect(readAll([delimited([new Uint8Array(bound.bytesMax)])])[0]?.length).toBe(bound.bytesMax)
    const head = delimited([new Uint8Array(bound.bytesMax + 1)]).subarray(0, 2)
    expect(() => readAll([head])).toThrow(LimitExceededError)
    expect(() => readAll([Uint8Array.of(0x80, 0)])).toThrow(InvalidMessageError)
  })
})

describe('boundedLength', () => {
  it('says the limit, what it allows, and what it was', () => {
    expect(boundedLength(300, bound)).toBe(300)
    expect(() => boundedLength(301, bound)).toThrow(expect.objectContaining({ details: { limit: 'someBytesMax', max: 300, actual: 301 } }))
  })
})
