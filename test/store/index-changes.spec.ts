import { expect, test } from 'vitest'
import { decodeHome } from '../../src/store/block-location.ts'
import { blockKeyOf, changesToAddBlock, changesToRemoveBlock, decodeUsage, shareKeyOf, usageChange } from '../../src/store/index-changes.ts'

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

test('hands a block on to an heir: the file with it, the part of a CAR not', () => {
  const home = { place: 'file', offset: 0, length: 9, root: 'a', shared: true } as const
  const heir = { place: 'elsewhere', offset: 0, length: 9, root: 'b', shared: true } as const
  const placeAfter = (from: typeof home | { place: 'car', offset: 4, length: 9, root: 'a', shared: true }): string => {
    const changes = changesToRemoveBlock('a', '1220aa', from, heir)
    expect(changes.map(({ key }) => key)).toEqual([shareKeyOf('1220aa', 'a'), shareKeyOf('1220aa', 'b'), blockKeyOf('1220aa')])
    return decodeHome(changes[2]?.value ?? expect.fail()).place
  }
  expect(placeAfter(home)).toBe('file')
  expect(placeAfter({ place: 'car', offset: 4, length: 9, root: 'a', shared: true })).toBe('elsewhere')
  const unmeasured = changesToRemoveBlock('a', '1220aa', home, { ...heir, length: 0 })
  expect(decodeHome(unmeasured[2]?.value ?? expect.fail())).toMatchObject({ place: 'file', length: 9 })
  expect(changesToRemoveBlock('b', '1220aa', home, undefined)).toEqual([{ key: shareKeyOf('1220aa', 'b') }])
  expect(changesToRemoveBlock('a', '1220aa', home, undefined)).toEqual([{ key: shareKeyOf('1220aa', 'a') }, { key: blockKeyOf('1220aa') }])
})

test('keeps totals, and takes nothing for zero', () => {
  const usage = { bytes: 12, keptBytes: 5, at: 7 }
  expect(decodeUsage(usageChange(usage).value)).toEqual(usage)
  expect(decodeUsage(undefined)).toEqual({ bytes: 0, keptBytes: 0, at: 0 })
  expect(decodeUsage(Buffer.from('null'))).toEqual({ bytes: 0, keptBytes: 0, at: 0 })
})
