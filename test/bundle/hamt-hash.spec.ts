import { expect, test } from 'vitest'
import { hashName, hashSlot, slotsMax } from '../../src/bundle/hamt-hash.ts'

test('is the first half of murmur3-x64-128', () => {
  // From the reference implementation (smhasher) with seed 0: h1 of "", "hello" and "hello, world".
  expect(hashName('')).toBe(0n)
  expect(hashName('hello').toString(16)).toBe('cbd8a7b341bd9b02')
  expect(hashName('hello, world').toString(16)).toBe('342fac623a5ebc8e')
})

test('consumes a hash from the front', () => {
  expect([0, 1, 7].map(level => hashSlot(0x0123456789abcdefn, 8, level))).toEqual([0x01, 0x23, 0xef])
  expect([0, 1, 63].map(level => hashSlot(0x8000000000000001n, 1, level))).toEqual([1, 0, 1])
  expect([0, 5].map(level => hashSlot(0xffc0000000000010n, 10, level))).toEqual([1023, 1])
})

test('has as many levels as whole slots fit into 64 bits', () => {
  expect([1, 8, 10].map(slotsMax)).toEqual([64, 8, 6])
})
