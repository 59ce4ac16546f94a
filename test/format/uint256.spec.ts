import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberToBytes } from 'viem'
import { InvalidArgumentError } from '../../src/errors.ts'
import { isUint, isUint256, parseUint256, uint256Bytes } from '../../src/format/uint256.ts'
import { uint256 } from './arbitraries.ts'

const max = (2n ** 256n - 1n).toString()

describe('isUint256', () => {
  it('takes 0 and 2^256 - 1, and not 2^256', () => {
    expect(['0', '1', '10', max].every(isUint256)).toBe(true)
    expect(isUint256((2n ** 256n).toString())).toBe(false)
  })

  it.each(['', '00', '01', '-1', '+1', '1.0', '1e3', '0x1', ' 1', '1 ', '1\n', '１', '1_0', '9'.repeat(78), '9'.repeat(79), 1, 1n, null, undefined])(
    'refuses %o', (value) => {
      expect(isUint256(value)).toBe(false)
    })

  it('refuses a megabyte of digits', () => {
    expect(isUint256('9'.repeat(1_000_000))).toBe(false)
  })

  it('knows smaller bounds', () => {
    expect(isUint((2n ** 64n - 1n).toString(), 64)).toBe(true)
    expect(isUint((2n ** 64n).toString(), 64)).toBe(false)
  })
})

describe('parseUint256', () => {
  it('gives back a valid number', () => {
    expect(parseUint256(max, 'taskId')).toBe(max)
  })

  it('refuses another with its field and value', () => {
    expect(() => parseUint256('01', 'taskId')).toThrow('taskId is "01", which is not a decimal string below 2^256 without leading zeros')
  })
})

describe('uint256Bytes', () => {
  it('gives the 32 bytes that viem gives', () => {
    fc.assert(fc.property(uint256, (text) => {
      expect(uint256Bytes(text)).toEqual(numberToBytes(BigInt(text), { size: 32 }))
    }))
  })

  it('refuses what is no uint256', () => {
    expect(() => uint256Bytes('-1')).toThrow(InvalidArgumentError)
  })
})
