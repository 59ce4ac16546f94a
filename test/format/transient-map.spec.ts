import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TransientMap } from '../../src/format/transient-map.ts'

test('has what a map has, in its order, however many entries come and go', () => {
  const change = fc.record({ kind: fc.constantFrom('set' as const, 'delete' as const, 'delete' as const), key: fc.nat(20) })
  fc.assert(fc.property(fc.array(change, { maxLength: 1000, size: 'max' }), (changes) => {
    const [map, model] = [new TransientMap<number, number>(), new Map<number, number>()]
    for (const [at, { kind, key }] of changes.entries()) {
      if (kind === 'delete') expect(map.delete(key)).toBe(model.delete(key))
      else {
        map.set(key, at)
        model.set(key, at)
      }
      expect([map.size, map.has(key), map.get(key)]).toEqual([model.size, model.has(key), model.get(key)])
    }
    expect([...map]).toEqual([...model])
    expect([[...map.keys()], [...map.values()]]).toEqual([[...model.keys()], [...model.values()]])
    map.clear()
    expect([map.size, [...map]]).toEqual([0, []])
  }))
})

test('goes on with its entries in their order when many others have gone', () => {
  const map = new TransientMap<string, number>()
  map.set('first', 1)
  for (let at = 0; at < 10_000; at++) {
    map.set(`passes ${at}`, at)
    if (at === 5000) map.set('later', 2)
    expect(map.delete(`passes ${at}`)).toBe(true)
  }
  expect([...map]).toEqual([['first', 1], ['later', 2]])
})
