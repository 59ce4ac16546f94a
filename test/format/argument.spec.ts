import { describe, expect, it } from 'vitest'
import {
  checkNumber, checkObject, checkOptional, checkOptions, checkTexts, describeValue, invalidArgument
} from '../../src/format/argument.ts'

const refused = expect.objectContaining({ name: 'InvalidArgumentError' }) as Error

const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic

describe('describeValue', () => {
  it.each([
    ['text', '"text"'], ['a\u202eb', '"a\\u202eb"'], ['x'.repeat(1e6), `"${'x'.repeat(80)}"… (1000000 characters)`], [5, '5'], [NaN, 'NaN'],
    [undefined, 'undefined'], [null, 'null'], [true, 'true'], [10n, 'the bigint 10'], [Symbol('s'), 'a symbol'], [() => 1, 'a function'],
    [[1, 2], 'an array of 2'], [{}, 'an object (Object)'], [new Date(), 'an object (Date)'], [cyclic, 'an object (Object)'],
    [Object.create(null), 'an object (Object)']
  ])('says %# in a few words', (value: unknown, words) => {
    expect(describeValue(value)).toBe(words)
  })
})

describe('invalidArgument', () => {
  it('has the name and the value in its sentence', () => {
    expect(invalidArgument('taskId', 'text', 5)).toMatchObject({
      name: 'InvalidArgumentError', message: 'taskId must be text, and is 5', details: { argument: 'taskId', value: 5 }
    })
  })
})

describe('checkObject', () => {
  it('takes any object', () => {
    checkObject({}, 'x')
    checkObject(Object.create(null), 'x')
  })

  it.each([undefined, null, 5, 'x', [], () => 1])('refuses %j', value => {
    expect(() => { checkObject(value, 'x') }).toThrow(refused)
  })
})

describe('checkOptional', () => {
  it('takes nothing, and what is of its type', () => {
    checkOptional(undefined, 'hold', 'boolean')
    checkOptional(false, 'hold', 'boolean')
  })

  it.each([null, 0, 'false'])('refuses %j as boolean', value => {
    expect(() => { checkOptional(value, 'hold', 'boolean') }).toThrow('hold must be a boolean')
  })
})

describe('checkNumber', () => {
  it.each([undefined, 1, 10])('takes %j from 1 to 10', value => {
    checkNumber(value, 'n', { min: 1, max: 10 })
  })

  it.each([0, 11, 1.5, NaN, Infinity, '5', null, 5n])('refuses %s from 1 to 10', value => {
    expect(() => { checkNumber(value, 'n', { min: 1, max: 10 }) }).toThrow('n must be a whole number from 1 to 10')
  })
})

describe('checkTexts', () => {
  it('takes an array of text', () => {
    checkTexts([], 'routers')
    checkTexts(['a', ''], 'routers')
  })

  it('names the element that is none', () => {
    expect(() => { checkTexts(['a', null], 'routers') }).toThrow('routers[1] must be text, and is null')
    expect(() => { checkTexts(new Array(1), 'routers') }).toThrow('routers[0] must be text, and is undefined')
  })

  it.each([undefined, 'a', 5, {}, new Set(['a'])])('refuses %j', value => {
    expect(() => { checkTexts(value, 'routers') }).toThrow(refused)
  })
})

describe('checkOptions', () => {
  it('takes a signal and a listener, or neither', () => {
    checkOptions({})
    checkOptions({ signal: undefined, onProgress: undefined })
    checkOptions({ signal: new AbortController().signal, onProgress: () => {}, other: 5 })
  })

  it.each([null, undefined, 5, 'x', [], { signal: null }, { signal: {} }, { signal: new AbortController() }, { onProgress: 5 }])(
    'refuses %j', value => {
      expect(() => { checkOptions(value) }).toThrow(refused)
    })
})
