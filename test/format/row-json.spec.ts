import { describe, expect, it } from 'vitest'
import { encodeRowJson } from '../../src/format/row-json.ts'
import type { TableRow, TableValue } from '../../src/interface/table.ts'

const write = (row: TableRow): string => new TextDecoder().decode(encodeRowJson(row))

describe('encodeRowJson', () => {
  it('writes every value in its one form, columns sorted by their names', () => {
    expect(write({
      z: null, text: 'é', truth: true, number: -0, large: 2n ** 63n, none: NaN, endless: -Infinity,
      day: new Date(0), bytes: Uint8Array.of(0, 255), list: [1.5, [2n]], parts: { b: 1, a: null }
    })).toBe('{"bytes":"AP8=","day":"1970-01-01T00:00:00.000Z","endless":"-Infinity","large":"9223372036854775808","list":[1.5,["2"]],' +
      '"none":"NaN","number":0,"parts":{"a":null,"b":1},"text":"é","truth":true,"z":null}')
  })

  it('writes a moment that no date can be as nothing', () => {
    expect(write({ a: new Date(NaN) })).toBe('{"a":null}')
  })

  it('refuses what a table does not hold', () => {
    expect(() => write({ a: undefined as unknown as TableValue })).toThrow(expect.objectContaining({ name: 'InvalidTableError' }))
  })

  it('refuses half of a character', () => {
    expect(() => write({ a: '\ud800' })).toThrow(expect.objectContaining({ name: 'InvalidTableError', message: expect.stringContaining('half of a character') as string }))
  })

  it('refuses what is nested deeper than JSON is read', () => {
    let value: TableValue = 1
    for (let depth = 0; depth < 1_000; depth++) value = [value]
    expect(() => write({ a: value })).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
  })
})
