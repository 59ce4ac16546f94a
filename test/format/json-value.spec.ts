import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { runInNewContext } from 'node:vm'
import { InvalidManifestError, LimitExceededError } from '../../src/errors.ts'
import { checkJsonDepth, checkJsonValue } from '../../src/format/json-value.ts'
import { json } from './arbitraries.ts'
import { errorOf } from './vectors.ts'

const depthOf = (text: string, depthMax: number): void => { checkJsonDepth(new TextEncoder().encode(text), depthMax) }

const nested = (depth: number): unknown => {
  let value: unknown = 1
  for (let count = 0; count < depth; count++) {
    value = count % 2 === 0 ? [value] : { a: value }
  }
  return value
}

describe('checkJsonDepth', () => {
  it('counts what is open at once', () => {
    for (const [text, depth] of [['1', 0], ['[]', 1], ['[{}]', 2], ['[[],[],[]]', 2], ['{"a":[{"b":1}],"c":{}}', 3]] as const) {
      expect(() => { depthOf(text, depth) }).not.toThrow()
      expect(depth === 0 || errorOf(() => { depthOf(text, depth - 1) }).name === 'LimitExceededError').toBe(true)
    }
  })

  it('is not led astray by strings', () => {
    for (const text of ['"[[["', '"\\"[[["', '"\\\\"', '{"[{":"]}\\\\\\"["}']) {
      expect(() => { depthOf(text, 1) }).not.toThrow()
    }
    expect(() => { depthOf('"\\\\"[[', 1) }).toThrow(LimitExceededError)
  })

  it('agrees with the value that is parsed', () => {
    fc.assert(fc.property(json, fc.nat(6), (value, depthMax) => {
      const accepts = (check: () => void): boolean => {
        try {
          check()
          return true
        } catch {
          return false
        }
      }
      expect(accepts(() => { depthOf(JSON.stringify(value), depthMax) })).toBe(accepts(() => { checkJsonValue(value, depthMax) }))
    }))
  })

  it('stops at the bound of a megabyte of brackets', () => {
    expect(() => { depthOf('['.repeat(1024 * 1024), 64) }).toThrow(LimitExceededError)
  })
})

describe('checkJsonValue', () => {
  it('takes any JSON', () => {
    fc.assert(fc.property(json, (value) => {
      checkJsonValue(value, 64)
    }))
  })

  it('takes the bound and refuses one more', () => {
    checkJsonValue(nested(64), 64)
    expect(() => { checkJsonValue(nested(65), 64) }).toThrow(LimitExceededError)
    expect(() => { checkJsonValue(nested(100_000), 64) }).toThrow(LimitExceededError)
  })

  it('takes plain objects of any realm and without a prototype', () => {
    checkJsonValue(runInNewContext('({ a: [{}] })'), 64)
    checkJsonValue(Object.assign(Object.create(null) as object, { a: 1 }), 64)
  })

  it('takes an object that is there twice, and refuses one that holds itself', () => {
    const shared = { a: 1 }
    checkJsonValue([shared, { shared }], 64)
    const cycle: unknown[] = []
    cycle.push({ cycle })
    expect(() => { checkJsonValue(cycle, 64) }).toThrow(InvalidManifestError)
  })

  it.each([
    undefined, () => 1, Symbol('a'), 1n, NaN, Infinity, -Infinity, new Date(0), new Map(), new Uint8Array(1), Object(1), '\ud800', 'a\udfff', { a: undefined }, { toJSON: () => 1 },
    { '\ud800': 1 }, JSON.parse('{"__proto__":1}'), [{ a: NaN }], new Array(1)
  ].map((value): [unknown] => [value]))('refuses %o', (value) => {
    expect(() => { checkJsonValue(value, 64) }).toThrow(InvalidManifestError)
    expect(() => { checkJsonValue([1, { a: value }], 64) }).toThrow(InvalidManifestError)
  })
})
