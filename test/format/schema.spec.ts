import * as z from 'zod/mini'
import { describe, expect, it } from 'vitest'
import { kind, problemOf, rootText, text, uint256 } from '../../src/format/schema.ts'

describe('problemOf', () => {
  const schema = z.strictObject({ id: uint256, deep: z.optional(z.looseObject({ letter: text(/^[a-z]$/, 'a letter') })) })

  it('finds nothing in a value that fits', () => {
    expect(problemOf(schema, { id: '0' })).toBeUndefined()
    expect(problemOf(schema, { id: '0', deep: { letter: 'a', more: 1 } })).toBeUndefined()
  })

  it.each([
    [{}, 'id is missing; it has to be a decimal string below 2^256 without leading zeros'],
    [{ id: '01' }, 'id is "01", which is not a decimal string below 2^256 without leading zeros'],
    [{ id: 1 }, 'id is "1", which is not a decimal string below 2^256 without leading zeros'],
    [{ id: '0', deep: { letter: 'A' } }, 'deep.letter is "A", which is not a letter'],
    [{ id: '0', deep: null }, 'deep is not of type object'],
    [{ id: '0', more: 1 }, 'it has the unknown field "more"'],
    [[], 'it is not of type object'],
    [null, 'it is not of type object']
  ])('says what is wrong with %o', (value, problem) => {
    expect(problemOf(schema, value)).toBe(problem)
  })
})

describe('kind', () => {
  it('takes 64 characters and not 65, none and not a character that JSON escapes', () => {
    expect(problemOf(kind, 'a'.repeat(64))).toBeUndefined()
    for (const value of ['', 'a'.repeat(65), 'a"', 'a\\', 'a b', 'a\n', '\u007f', 'é', 1]) {
      expect(problemOf(kind, value)).toContain('printable ASCII')
    }
  })
})

describe('rootText', () => {
  it('takes canonical text only', () => {
    expect(problemOf(rootText, 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')).toBeUndefined()
    expect(problemOf(rootText, 'QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn')).toContain('canonical text')
  })
})
