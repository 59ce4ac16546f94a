import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { KeySet } from '../../src/store/key-set.ts'

const keyOf = (name: string): string => `1220${createHash('sha256').update(name).digest('hex')}`

test('has every key that was put in, however many, and no other', () => {
  const keys = new KeySet()
  const names = Array.from({ length: 5_000 }, (_, at) => String(at))
  for (const name of names) keys.add(keyOf(name))
  for (const name of names) expect(keys.has(keyOf(name))).toBe(true)
  for (const name of names) expect(keys.has(keyOf(`other ${name}`))).toBe(false)
})

test('is as a set is, also of hashes that begin alike', () => {
  const key = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('0', 'f'))
    .map(([number, digit]) => `1220${(number * 1024).toString(16).padStart(13, '0')}${digit.repeat(51)}`)
  fc.assert(fc.property(fc.array(key, { maxLength: 80 }), fc.array(key), (put, asked) => {
    const keys = new KeySet()
    for (const one of put) keys.add(one)
    const begins = new Set(put.map(one => one.slice(0, 17)))
    for (const one of asked) expect(keys.has(one)).toBe(begins.has(one.slice(0, 17)))
  }))
})

test('has a hash of zeros only when it was put in', () => {
  const keys = new KeySet()
  const zeros = `1220${'0'.repeat(64)}`
  expect(keys.has(zeros)).toBe(false)
  keys.add(zeros)
  expect(keys.has(zeros)).toBe(true)
})
