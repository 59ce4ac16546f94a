import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { half, leftHalf, sidesOf, subtreesOf, wayDown } from '../../src/merkle/subtrees.ts'

const max = Number.MAX_SAFE_INTEGER

describe('leftHalf', () => {
  it.each([[2, 1], [3, 2], [4, 2], [5, 4], [8, 4], [9, 8], [300, 256], [2 ** 33, 2 ** 32], [max, 2 ** 52]])('of %i entries has %i', (size, left) => {
    expect(leftHalf(size)).toBe(left)
  })
})

describe('wayDown', () => {
  it('finds the subtree that is looked for, and what is beside the way, the lowest first', () => {
    expect(wayDown(4, 7, ({ from, to }) => to - from === 1))
      .toEqual({ found: { from: 4, to: 5 }, beside: [{ from: 5, to: 6 }, { from: 6, to: 7 }, { from: 0, to: 4 }] })
    expect(wayDown(5, 7, ({ to }) => to === 6)).toEqual({ found: { from: 4, to: 6 }, beside: [{ from: 6, to: 7 }, { from: 0, to: 4 }] })
    expect(wayDown(6, 7, () => true)).toEqual({ found: { from: 0, to: 7 }, beside: [] })
  })
})

describe('subtreesOf', () => {
  it('gives one subtree for each bit of a size, the largest first', () => {
    expect(subtreesOf({ from: 0, to: 0 })).toEqual([])
    expect(subtreesOf({ from: 0, to: 13 })).toEqual([{ level: 3, index: 0 }, { level: 2, index: 2 }, { level: 0, index: 12 }])
    expect(subtreesOf({ from: 8, to: 11 })).toEqual([{ level: 1, index: 4 }, { level: 0, index: 10 }])
    expect(subtreesOf({ from: 0, to: max })).toHaveLength(53)
  })

  it('covers all entries of any tree, each once', () => {
    fc.assert(fc.property(fc.maxSafeNat(), (to) => {
      let next = 0
      for (const { level, index } of subtreesOf({ from: 0, to })) {
        expect(index * 2 ** level).toBe(next)
        next += 2 ** level
      }
      expect(next).toBe(to)
    }))
  })
})

describe('sidesOf', () => {
  it('has a side for every hash of a proof, from the entry up', () => {
    expect(sidesOf(0, 1)).toEqual([])
    expect(sidesOf(0, 2)).toEqual(['right'])
    expect(sidesOf(1, 2)).toEqual(['left'])
    expect(sidesOf(5, 8)).toEqual(['left', 'right', 'left'])
    expect(sidesOf(6, 7)).toEqual(['left', 'left'])
    expect(sidesOf(0, max)).toHaveLength(53)
    expect(sidesOf(max - 1, max)).toHaveLength(52)
  })
})

describe('half', () => {
  it('is exact where shifting is not', () => {
    expect(half(2 ** 32 + 1)).toBe(2 ** 31)
    expect(half(max)).toBe(2 ** 52 - 1)
  })
})
