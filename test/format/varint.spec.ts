import fc from 'fast-check'
import { varint } from 'multiformats'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { encodeVarint, readFieldVarint, varintLength, VarintReader } from '../../src/format/varint.ts'

const lengths = fc.oneof(fc.nat(300), fc.nat(2 ** 28 - 1))

function readLength (bytes: Uint8Array): (number | undefined)[] {
  const reader = new VarintReader('length')
  return [...bytes].map(byte => reader.push(byte))
}

describe('encodeVarint', () => {
  it('writes what multiformats writes', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (value) => {
      const expected = varint.encodeTo(value, new Uint8Array(varint.encodingLength(value)))
      expect(encodeVarint(value)).toEqual(expected)
      expect(varintLength(value)).toBe(expected.length)
    }))
  })

  it.each([-1, 0.5, 2 ** 53, NaN])('refuses %d', (value) => {
    expect(() => encodeVarint(value)).toThrow(InvalidMessageError)
  })
})

describe('readFieldVarint', () => {
  it('reads what was written, wherever it stands', () => {
    fc.assert(fc.property(fc.maxSafeNat(), fc.uint8Array({ maxLength: 5 }), (value, before) => {
      const bytes = new Uint8Array([...before, ...encodeVarint(value), 9])
      expect(readFieldVarint(bytes, before.length)).toEqual({ value, next: bytes.length - 1 })
    }))
  })

  it('reads a longer form of a number', () => {
    expect(readFieldVarint(Uint8Array.of(0x81, 0x80, 0), 0)).toEqual({ value: 1, next: 3 })
  })

  it('reads ten bytes and refuses eleven', () => {
    const bytes = new Uint8Array(11).fill(0x80)
    bytes[9] = 1
    expect(readFieldVarint(bytes, 0)).toEqual({ value: 2 ** 63, next: 10 })
    bytes[9] = 0x80
    expect(() => readFieldVarint(bytes, 0)).toThrow(InvalidMessageError)
  })

  it('refuses a number that is cut off', () => {
    expect(() => readFieldVarint(Uint8Array.of(0x80), 0)).toThrow(InvalidMessageError)
    expect(() => readFieldVarint(new Uint8Array(), 0)).toThrow(InvalidMessageError)
  })
})

describe('VarintReader of lengths', () => {
  it('reads lengths one after the other, byte by byte', () => {
    fc.assert(fc.property(fc.array(lengths), (values) => {
      const bytes = Uint8Array.from(values.flatMap(value => [...encodeVarint(value)]))
      expect(readLength(bytes).filter(value => value !== undefined)).toEqual(values)
    }))
  })

  it('knows whether it is inside of a length', () => {
    const reader = new VarintReader('length')
    expect(reader.atStart).toBe(true)
    reader.push(0x80)
    expect(reader.atStart).toBe(false)
    reader.push(1)
    expect(reader.atStart).toBe(true)
  })

  it('takes four bytes and refuses five', () => {
    expect(readLength(Uint8Array.of(0xff, 0xff, 0xff, 0x7f)).at(-1)).toBe(2 ** 28 - 1)
    expect(() => readLength(Uint8Array.of(0xff, 0xff, 0xff, 0xff))).toThrow(InvalidMessageError)
  })

  it('refuses a length that is not in its shortest form', () => {
    expect(readLength(Uint8Array.of(0))).toEqual([0])
    expect(() => readLength(Uint8Array.of(0x81, 0))).toThrow(InvalidMessageError)
  })
})

describe('VarintReader of fields', () => {
  it('reads fields one after the other, byte by byte, as they are read at once', () => {
    const any = fc.array(fc.array(fc.integer({ min: 0x80, max: 0xff }), { maxLength: 9 }).chain(head =>
      fc.integer({ min: 0, max: 0x7f }).map(last => Uint8Array.from([...head, last]))))
    fc.assert(fc.property(any, (varints) => {
      const reader = new VarintReader('field')
      const values = varints.flatMap(bytes => [...bytes].map(byte => reader.push(byte))).filter(value => value !== undefined)
      expect(values).toEqual(varints.map(bytes => readFieldVarint(bytes, 0).value))
      expect(reader.atStart).toBe(true)
    }))
  })

  it('takes ten bytes and refuses eleven', () => {
    const reader = new VarintReader('field')
    const push = (): void => { reader.push(0xff) }
    for (let count = 0; count < 9; count++) push()
    expect(reader.atStart).toBe(false)
    expect(push).toThrow(InvalidMessageError)
  })
})
