import { expect, test } from 'vitest'
import { AnchorError } from '../../src/errors.ts'
import { anchorIdCharactersMax } from '../../src/limits.ts'
import { checkReceipt, isAnchorId } from '../../src/format/anchor-receipt.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'

const digest = `0x${'ab'.repeat(32)}` as const
const anchor = 'eip155:1:0xfa'
const receipt: AnchorReceipt = { digest, anchor, blockNumber: '7', blockHash: `0x${'01'.repeat(32)}`, time: '1700000000' }

test('takes a receipt, with and without what is not always known, and no field more', () => {
  const whole = { ...receipt, transaction: `0x${'02'.repeat(32)}`, gasUsed: '45000' } as const
  expect(checkReceipt(whole, { digest, anchor })).toEqual(whole)
  expect(Object.keys(checkReceipt({ ...receipt, transaction: undefined }, { digest, anchor }))).toEqual(Object.keys(receipt))
})

test.each([
  undefined, null, 'x', {}, { ...receipt, more: 1 }, { ...receipt, blockNumber: 7 }, { ...receipt, time: '07' }, { ...receipt, blockHash: '0x' },
  { ...receipt, transaction: 'x' }, { ...receipt, gasUsed: '-1' }, { ...receipt, anchor: 'eip155:2:0xfa' }, { ...receipt, digest: `0x${'ac'.repeat(32)}` }
])('refuses what is none, or of something else: %j', value => {
  expect(() => checkReceipt(value, { digest, anchor })).toThrow(AnchorError)
})

test('tells the name of an anchor from what is none', () => {
  expect([anchor, 'x', 'x'.repeat(anchorIdCharactersMax)].map(isAnchorId)).toEqual([true, true, true])
  expect(['', 'a b', 'é', 'x'.repeat(anchorIdCharactersMax + 1), 1, undefined].map(isAnchorId)).toEqual([false, false, false, false, false, false])
})
