import { expect, test } from 'vitest'
import { Uses } from '../../src/store/uses.ts'

test('remembers when a bundle was used last, also written down', () => {
  const uses = new Uses()
  expect([uses.last('a'), uses.hasChanged]).toEqual([undefined, false])
  uses.note('a', 1)
  uses.note('b', 2)
  uses.note('a', 3)
  expect(uses.hasChanged).toBe(true)
  const text = uses.encode()
  expect(uses.hasChanged).toBe(false)
  const again = new Uses()
  again.note('b', 9)
  again.load(text, root => root !== 'c')
  expect([again.last('a'), again.last('b')]).toEqual([3, 9])
  again.forget('a')
  expect(again.last('a')).toBeUndefined()
})

test('takes nothing for bundles that are not listed, and nothing from what it cannot read', () => {
  const uses = new Uses()
  uses.load('[["a",1],["b",2]]', root => root === 'b')
  expect([uses.last('a'), uses.last('b')]).toEqual([undefined, 2])
  for (const text of [undefined, '', '{', 'null', '{}', '[1,["c"],["c","x"],[1,2]]']) uses.load(text, () => true)
  expect(uses.last('c')).toBeUndefined()
})
