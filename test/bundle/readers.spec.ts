import { expect, test } from 'vitest'
import { checkReaders, sameReaders } from '../../src/bundle/readers.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

const [a, b] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`] as const

test('keeps each address once, in lower case', () => {
  expect(checkReaders([a, `0x${'AA'.repeat(20)}`, b])).toEqual([a, b])
  expect(checkReaders('anyone')).toBe('anyone')
  expect(checkReaders([])).toEqual([])
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
})
