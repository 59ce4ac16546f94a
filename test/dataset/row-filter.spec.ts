import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkFilter, compareText, excludes, matchesFilter } from '../../src/dataset/row-filter.ts'
import type { RowFilter, TableRow } from '../../src/interface/table.ts'

const matches = (row: TableRow, where: RowFilter): boolean => matchesFilter(row, checkFilter(where, Object.keys(row)))

describe('matchesFilter', () => {
  it.each<[RowFilter, TableRow, boolean]>([
    [{ a: 1 }, { a: 1 }, true],
    [{ a: 1 }, { a: 1n }, true],
    [{ a: 1 }, { a: 2 }, false],
    [{ a: null }, { a: null }, true],
    [{ a: null }, { a: 0 }, false],
    [{ a: { ne: null } }, { a: 0 }, true],
    [{ a: { gt: 1, lte: 3 } }, { a: 3 }, true],
    [{ a: { gt: 1, lte: 3 } }, { a: 1 }, false],
    [{ a: { gte: 1, lt: 3 } }, { a: 1 }, true],
    [{ a: { gte: 1, lt: 3 } }, { a: 3 }, false],
    [{ a: { in: ['x', 'y'] } }, { a: 'y' }, true],
    [{ a: { in: [] } }, { a: 'y' }, false],
    [{ a: { lt: 5 } }, { a: null }, false],
    [{ a: { lt: 5 } }, { a: '10' }, false],
    [{ a: { gt: 5 } }, { a: '10' }, true],
    [{ a: 5 }, { a: '' }, false],
    [{ a: { gt: '5' } }, { a: '10' }, false],
    [{ a: { gte: new Date(5) } }, { a: new Date(5) }, true],
    [{ a: { gte: 5 } }, { a: new Date(5) }, false],
    [{ a: { lt: 2 } }, { a: NaN }, false],
    [{ a: true }, { a: true }, true],
    [{ a: 1 }, { a: true }, false],
    [{ a: 1, b: 2 }, { a: 1, b: 3 }, false]
  ])('says of %o and %o %o', (where, row, expected) => {
    expect(matches(row, where)).toBe(expected)
  })
})

describe('checkFilter', () => {
  it.each<[unknown, string]>([
    [[], 'where must be an object'],
    [{ b: 1 }, 'where must be of columns that the table has (a), and is "b"'],
    [{ a: { like: 1 } }, 'where["a"] must be made of eq, ne, gt, gte, lt, lte, in, and is "like"'],
    [{ a: { in: 1 } }, 'where["a"].in must be an array of values, and is 1'],
    [{ a: { gt: [] } }, 'where["a"].gt must be a value']
  ])('refuses %o', (where, problem) => {
    expect(() => checkFilter(where as RowFilter, ['a'])).toThrow(problem)
  })
})

describe('excludes', () => {
  it('never leaves out a row group that has a row that is meant', () => {
    const value = fc.oneof(fc.integer({ min: -5, max: 5 }), fc.constant(null))
    const operators = { eq: value, gt: value, gte: value, lt: value, lte: value, in: fc.array(value, { maxLength: 3 }) }
    const condition = fc.record(operators, { requiredKeys: [] })
    fc.assert(fc.property(fc.array(value, { minLength: 1, maxLength: 5 }), condition, fc.boolean(), (values, condition, isCounted) => {
      const numbers = values.filter(value => value !== null)
      const bounds = {
        min: numbers.length === 0 ? undefined : Math.min(...numbers),
        max: numbers.length === 0 ? undefined : Math.max(...numbers),
        nulls: isCounted ? values.length - numbers.length : undefined,
        values: values.length
      }
      const filter = checkFilter({ a: condition as never }, ['a'])
      if (excludes(bounds, filter[0]?.[1] ?? {})) expect(values.some(a => matchesFilter({ a }, filter))).toBe(false)
    }))
  })

  it.each([
    [{ eq: 11 }, true], [{ eq: 10 }, false], [{ gt: 10 }, true], [{ gte: 10 }, false], [{ lt: 1 }, true], [{ lte: 1 }, false],
    [{ in: [0, 11] }, true], [{ in: [0, 5] }, false], [{ eq: null }, true], [{ eq: 'text' }, false]
  ])('says of %o in 1 to 10 %o', (condition, expected) => {
    expect(excludes({ min: 1, max: 10, nulls: 0, values: 9 }, condition)).toBe(expected)
  })

  it('leaves out what has nulls only where a value is meant', () => {
    const bounds = { min: undefined, max: undefined, nulls: 3, values: 3 }
    expect([excludes(bounds, { eq: 1 }), excludes(bounds, { eq: null })]).toEqual([true, false])
  })
})

describe('compareText', () => {
  it('sorts as UTF-8 does', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
      expect(Math.sign(compareText(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)))
    }))
  })
})
