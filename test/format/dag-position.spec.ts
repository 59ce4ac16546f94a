import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { comparePositions, firstChild, isAbove, nextSibling } from '../../src/format/dag-position.ts'

const position = fc.array(fc.nat(3), { maxLength: 4 })

describe('comparePositions', () => {
  it.each([
    [[], [0]], [[0], [0, 0]], [[0, 9, 9], [1]], [[2], [10]], [[1, 0], [1, 1]], [[], [8191, 0, 0]]
  ])('puts %j before %j', (first, second) => {
    expect(comparePositions(first, second)).toBeLessThan(0)
    expect(comparePositions(second, first)).toBeGreaterThan(0)
  })

  it('is a total order', () => {
    fc.assert(fc.property(position, position, position, (a, b, c) => {
      expect(comparePositions(a, a)).toBe(0)
      expect(comparePositions(a, b) === 0).toBe(JSON.stringify(a) === JSON.stringify(b))
      expect(Math.sign(comparePositions(a, b))).toBe(0 - Math.sign(comparePositions(b, a)))
      if (comparePositions(a, b) <= 0 && comparePositions(b, c) <= 0) expect(comparePositions(a, c)).toBeLessThanOrEqual(0)
    }))
  })
})

describe('nextSibling and firstChild', () => {
  it('enclose exactly what is below a position', () => {
    fc.assert(fc.property(position.filter(({ length }) => length > 0), position, (above, other) => {
      const isInside = comparePositions(firstChild(above), other) <= 0 && comparePositions(other, nextSibling(above) ?? []) < 0
      expect(isInside).toBe(isAbove(above, other))
    }))
  })

  it('have nothing between a position and its first child', () => {
    fc.assert(fc.property(position, position, (a, b) => {
      expect(comparePositions(a, b) < 0 && comparePositions(b, firstChild(a)) < 0).toBe(false)
    }))
  })

  it('know no sibling of the root', () => {
    expect(nextSibling([])).toBeUndefined()
    expect(nextSibling([4, 1])).toEqual([4, 2])
  })
})

describe('isAbove', () => {
  it('is true for prefixes that are shorter', () => {
    expect(isAbove([], [0])).toBe(true)
    expect(isAbove([1], [1, 2, 3])).toBe(true)
    expect(isAbove([1], [1])).toBe(false)
    expect(isAbove([1, 2], [1])).toBe(false)
    expect(isAbove([1], [2, 1])).toBe(false)
  })
})
