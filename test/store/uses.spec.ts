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
  for (const text of [undefined, '', '{', 'null', '{}', '[1,["c"],["c","x"],[1,2],["c",1e300]]']) uses.load(text, () => true)
  expect(uses.last('c')).toBeUndefined()
})

test('tells the later of two uses in one millisecond, and when the clock went back', () => {
  const uses = new Uses()
  const now = 1_795_000_000_000
  uses.note('b', now)
  uses.note('a', now)
  uses.note('c', now - 86_400_000)
  const order = (of: Uses): string[] => ['a', 'b', 'c', 'd'].sort((one, other) => (of.last(one) ?? 0) - (of.last(other) ?? 0))
  expect(order(uses)).toEqual(['d', 'b', 'a', 'c'])
  const again = new Uses()
  again.load(uses.encode(), () => true)
  again.note('d', now)
  expect(order(again)).toEqual(['b', 'a', 'c', 'd'])
  expect(again.last('d')).toBeLessThan(now + 1)
})
