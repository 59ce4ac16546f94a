import { expect, test } from 'vitest'
import { checkFetchOptions, holdOf } from '../../src/bundle/fetch-options.ts'
import { InvalidArgumentError } from '../../src/errors.ts'

test.each([
  {}, { providers: [] }, { providers: ['', 'no address'] }, { stallTimeoutMs: 1 }, { stallTimeoutMs: 2_147_483_647 }, { bytesMax: 0 },
  { bytesMax: Number.MAX_SAFE_INTEGER }, { hold: true }, { hold: {} }, { hold: { owner: 'x', until: 0 } }, { hold: { until: Infinity } }, { signal: new AbortController().signal }
])('takes %j', options => {
  checkFetchOptions(options)
})

test.each([
  null, 5, { providers: 'x' }, { providers: [null] }, { providers: [5] }, { stallTimeoutMs: 0 }, { stallTimeoutMs: 2_147_483_648 },
  { stallTimeoutMs: Infinity }, { stallTimeoutMs: '5' }, { bytesMax: -1 }, { bytesMax: NaN }, { bytesMax: 1.5 }, { bytesMax: null },
  { hold: 'false' }, { hold: null }, { hold: { owner: '' } }, { hold: { until: 1.5 } }, { signal: {} }, { onProgress: 'x' }
])('refuses %j', options => {
  expect(() => { checkFetchOptions(options) }).toThrow(InvalidArgumentError)
})

test('says which hold is meant', () => {
  expect(holdOf({})).toBeUndefined()
  expect(holdOf({ hold: false })).toBeUndefined()
  expect(holdOf({ hold: true })).toEqual({ owner: 'host' })
  expect(holdOf({ hold: { owner: 'x', until: 5 } })).toEqual({ owner: 'x', until: 5 })
  expect(() => holdOf({ hold: { owner: '' } })).toThrow(InvalidArgumentError)
})
