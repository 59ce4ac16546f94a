import { expect, test } from 'vitest'
import { areAmong, checkReaders, sameReaders } from '../../src/bundle/readers.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

const [a, b] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`] as const
const own = `0x${'cc'.repeat(20)}` as const
const [rule, other] = [(): boolean => true, (): boolean => true]

test('keeps each address once, in lower case', () => {
  expect(checkReaders([a, `0x${'AA'.repeat(20)}`, b])).toEqual([a, b])
  expect(checkReaders('anyone')).toBe('anyone')
  expect(checkReaders([])).toEqual([])
})

test('keeps a function as it is', () => {
  expect(checkReaders(rule)).toBe(rule)
})

test.for(['everyone', undefined, null, {}, ['x'], [undefined], [a.slice(2)], [`${a}0`]])('refuses %j', readers => {
  expect(() => checkReaders(readers as never)).toThrow(InvalidArgumentError)
})

test('does not mind the order', () => {
  expect(sameReaders([a, b], [b, a])).toBe(true)
  expect(sameReaders([a], [b])).toBe(false)
  expect(sameReaders([a], [a, b])).toBe(false)
  expect(sameReaders('anyone', 'anyone')).toBe(true)
  expect(sameReaders('anyone', [])).toBe(false)
  expect(sameReaders(rule, rule)).toBe(true)
  expect(sameReaders(rule, other)).toBe(false)
  expect(sameReaders(rule, [])).toBe(false)
})

test.for([
  ['anyone', 'anyone', true], ['anyone', [a, b], false], ['anyone', rule, false],
  [[a], 'anyone', true], [[a], [b, a], true], [[a, b], [a], false], [[], [], true], [[a], [], false],
  [[own], [], true], [[own, a], [a], true], [[], rule, true], [[own], rule, true], [[a], rule, false],
  [rule, 'anyone', true], [rule, rule, true], [rule, other, false], [rule, [a], false]
] as const)('of %o all are among %o: %s', ([readers, others, expected]) => {
  expect(areAmong(readers, others, own)).toBe(expected)
})
