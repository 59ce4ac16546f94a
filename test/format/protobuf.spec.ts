import fc from 'fast-check'
import protobufjs from 'protobufjs'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import {
  bytesFieldHeadLength, concat, delimited, encodeBytesField, encodeNumberField, encodePackedField, encodePresentNumber, readFields, readNumbers,
  wholeNumber
} from '../../src/format/protobuf.ts'

const fieldNumber = fc.integer({ min: 1, max: 2 ** 20 })

describe('fields', () => {
  it('are written as protobufjs writes them', () => {
    fc.assert(fc.property(fieldNumber, fc.integer({ min: 1, max: 2 ** 32 - 1 }), fc.uint8Array(), (number, value, bytes) => {
      expect(concat(encodeNumberField(number, value)))
        .toEqual(Uint8Array.from(protobufjs.Writer.create().uint32(number * 8).uint32(value).finish()))
      expect(concat(encodeBytesField(number, bytes)))
        .toEqual(Uint8Array.from(protobufjs.Writer.create().uint32(number * 8 + 2).bytes(bytes).finish()))
    }))
  })

  it('are read in their order, whatever their wire type', () => {
    const message = protobufjs.Writer.create().uint32(8).uint32(5).uint32(17).fixed64(7).uint32(26).bytes(Uint8Array.of(1, 2))
      .uint32(37).fixed32(9).finish()
    expect([...readFields(message)]).toEqual([
      { number: 1, value: 5, bytes: undefined },
      { number: 2, value: undefined, bytes: undefined },
      { number: 3, value: undefined, bytes: Buffer.from([1, 2]) },
      { number: 4, value: undefined, bytes: undefined }
    ])
  })

  it.each([
    ['number 0', [0x00, 0x01]],
    ['a group', [0x0b]],
    ['the end of a group', [0x0c]],
    ['wire type 6', [0x0e, 0x01]],
    ['bytes that are cut off', [0x0a, 0x02, 0x01]],
    ['a number that is cut off', [0x08, 0x80]],
    ['a fixed number that is cut off', [0x0d, 0x01, 0x02, 0x03]],
    ['no content', [0x0a]],
    ['a length of almost 2^64', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]]
  ])('are refused with %s', (_, bytes) => {
    expect(() => [...readFields(Uint8Array.from(bytes))]).toThrow(InvalidMessageError)
  })

  it('leave out a number that is 0, unless it is said to be present', () => {
    expect(encodeNumberField(3, 0)).toEqual([])
    expect(concat(encodePresentNumber(3, 0))).toEqual(Uint8Array.of(24, 0))
    expect(encodePackedField(3, [])).toEqual([])
  })

  it('hold numbers that are packed or single', () => {
    fc.assert(fc.property(fc.array(fc.nat(), { minLength: 1 }), (numbers) => {
      const [field] = readFields(concat(encodePackedField(4, numbers)))
      expect(field && readNumbers(field)).toEqual(numbers)
    }))
    expect(readNumbers({ number: 1, value: 7, bytes: undefined })).toEqual([7])
    expect(readNumbers({ number: 1, value: undefined, bytes: undefined })).toEqual([])
    expect(() => readNumbers({ number: 1, value: undefined, bytes: Uint8Array.of(0x80) })).toThrow(InvalidMessageError)
  })

  it('are refused as numbers when they have lost digits', () => {
    expect(wholeNumber(Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER)
    for (const value of [2 ** 53, 2 ** 64]) expect(() => wholeNumber(value)).toThrow(InvalidMessageError)
  })

  it('have a head of known length', () => {
    fc.assert(fc.property(fieldNumber, fc.nat(70_000), (number, length) => {
      expect(bytesFieldHeadLength(number, length)).toBe(concat(encodeBytesField(number, new Uint8Array(length))).length - length)
    }))
  })
})

describe('delimited', () => {
  it('puts the length of all parts in front of them, as protobufjs does', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }), (parts) => {
      expect(delimited(parts)).toEqual(Uint8Array.from(protobufjs.Writer.create().bytes(concat(parts)).finish()))
    }))
  })
})
