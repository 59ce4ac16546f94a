import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { checkAnchor } from '../../src/audit/anchor-options.ts'
import { FakeAnchor } from './fake-anchor.ts'
import type { AnchorOptions } from '../../src/audit/anchor-options.ts'

const anchor = new FakeAnchor()

test.each([{}, { anchor }, { anchor, anchorIntervalMs: 1 }, { anchor, anchorIntervalMs: Infinity }])('takes an anchor and its interval: %j', options => {
  expect(() => { checkAnchor(options) }).not.toThrow()
})

test.each([
  { anchorIntervalMs: 1000 }, { anchor, anchorIntervalMs: 0 }, { anchor, anchorIntervalMs: 1.5 }, { anchor, anchorIntervalMs: '1' },
  { anchor: null }, { anchor: 'eip155:1' }, { anchor: {} }, { anchor: { id: 'a b', read: anchor.read, write: anchor.write } },
  { anchor: { id: 'a', read: anchor.read } }, { anchor: { id: 'a', write: anchor.write, read: 1 } }
])('refuses what is none: %j', options => {
  expect(() => { checkAnchor(options as unknown as AnchorOptions) }).toThrow(InvalidArgumentError)
})
