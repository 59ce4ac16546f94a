import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { getAddress } from 'viem'
import { InvalidArgumentError } from '../../src/errors.ts'
import { fromHex, isAddress, isHex, parseAddress, toHex } from '../../src/format/hex.ts'
import { hexOf } from './arbitraries.ts'
import { errorOf } from './vectors.ts'

describe('toHex and fromHex', () => {
  it('give back any bytes', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      expect(toHex(bytes)).toBe(`0x${Buffer.from(bytes).toString('hex')}`)
      expect(fromHex(toHex(bytes), bytes.length)).toEqual(bytes)
      expect(fromHex(toHex(bytes).slice(2).toUpperCase())).toEqual(bytes)
    }))
  })

  it.each(['0x0', '0xzz', '0x0g', ' 0x00', '0x 0', '0x00\n', '0X00', '0xé0'])('refuses %j', (text) => {
    expect(() => fromHex(text)).toThrow(InvalidArgumentError)
  })

  it('refuses one byte less and one byte more than asked for', () => {
    expect(fromHex('0x0102', 2)).toEqual(Uint8Array.of(1, 2))
    expect(() => fromHex('0x01', 2)).toThrow('2 digits are not 2 bytes of hexadecimal')
    expect(() => fromHex('0x010203', 2)).toThrow(InvalidArgumentError)
  })

  it('never shows the text, which may be a key', () => {
    const error = errorOf(() => fromHex(`${'5ec'.repeat(21)}z`, 32))
    expect(JSON.stringify([error.message, error.details])).not.toContain('5ec')
  })
})

describe('isHex and isAddress', () => {
  it('take the one form of formats only', () => {
    const address = `0x${'ab'.repeat(20)}`
    expect(isAddress(address)).toBe(true)
    expect([address.toUpperCase(), `0x${'AB'.repeat(20)}`, `${address}00`, address.slice(0, -1), address.slice(2), ` ${address.slice(1)}`, '', null, 1, [address]]
      .map(isAddress)).not.toContain(true)
    expect(isHex('0x', 0)).toBe(true)
    expect(isHex('0x\n', 0)).toBe(false)
  })
})

describe('parseAddress', () => {
  it('turns an address with the checksum of ERC-55 into lower case', () => {
    fc.assert(fc.property(hexOf(20), (address) => {
      expect(parseAddress(getAddress(address))).toBe(address)
    }))
  })

  it.each(['', '0x', `0x${'g'.repeat(40)}`, `0x${'0'.repeat(39)}`, `0x${'0'.repeat(41)}`, '0'.repeat(42)])('refuses %j and shows it', (text) => {
    expect(errorOf(() => parseAddress(text)).message).toContain(JSON.stringify(text))
  })
})
