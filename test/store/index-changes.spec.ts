import { expect, test } from 'vitest'
import { decodeHome } from '../../src/store/block-location.ts'
import { blockKeyOf, changesToAddBlock, decodeUsage, shareKeyOf, usageChange } from '../../src/store/index-changes.ts'

const block = { key: '1220aa', place: 'car', offset: 4, length: 9 } as const

test('adds a block that is new under its own key', () => {
  const changes = changesToAddBlock('a', block, undefined)
  expect(changes.map(({ key }) => key)).toEqual([blockKeyOf('1220aa')])
  expect(decodeHome(changes[0]?.value ?? expect.fail())).toEqual({ place: 'car', offset: 4, length: 9, root: 'a', shared: false })
})

test('adds a block of another bundle as shared, and says so in the first place once', () => {
  const home = { place: 'file', offset: 0, length: 9, root: 'b', shared: false } as const
  expect(changesToAddBlock('a', block, home).map(({ key }) => key)).toEqual([shareKeyOf('1220aa', 'a'), blockKeyOf('1220aa')])
  expect(changesToAddBlock('a', block, { ...home, shared: true }).map(({ key }) => key)).toEqual([shareKeyOf('1220aa', 'a')])
})

test('keeps totals, and takes nothing for zero', () => {
  const usage = { bytes: 12, heldBytes: 5 }
  expect(decodeUsage(usageChange(usage).value)).toEqual(usage)
  expect(decodeUsage(undefined)).toEqual({ bytes: 0, heldBytes: 0 })
  expect(decodeUsage(Buffer.from('null'))).toEqual({ bytes: 0, heldBytes: 0 })
})
