import { describe, expect, it } from 'vitest'
import { checkAppendColumns, decodeAppendColumn, encodeAppendRow } from '../../src/dataset/append-columns.ts'
import type { AppendColumn } from '../../src/interface/append.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import type { TableValue } from '../../src/interface/table.ts'

const encode = (type: AppendColumn['type'], value: TableValue, nullable = false): JsonValue =>
  encodeAppendRow([{ name: 'a', type, nullable }], { a: value }, 0)[0] as JsonValue

describe('encodeAppendRow and decodeAppendColumn', () => {
  it.each<[AppendColumn['type'], TableValue, unknown]>([
    ['sc:Boolean', true, true],
    ['sc:Text', 'é', 'é'],
    ['sc:Integer', 5, 5n],
    ['sc:Integer', -(2n ** 63n), -(2n ** 63n)],
    ['sc:Float', 1.5, 1.5],
    ['sc:Float', NaN, NaN],
    ['sc:Float', -0, -0],
    ['sc:Float', -Infinity, -Infinity],
    ['sc:DateTime', new Date(1_700_000_000_123), new Date(1_700_000_000_123)],
    ['sc:StructuredValue', { x: [1, null] }, { x: [1, null] }]
  ])('keep a value of %s: %o', (type, value, expected) => {
    const kept = JSON.parse(JSON.stringify([encode(type, value)])) as JsonValue[]
    expect(decodeAppendColumn({ name: 'a', type }, kept)).toEqual([expected])
  })

  it.each<AppendColumn['type']>(['sc:Boolean', 'sc:Text', 'sc:Integer', 'sc:Float', 'sc:DateTime', 'sc:StructuredValue'])('keep that there is no value of %s', type => {
    expect(decodeAppendColumn({ name: 'a', type }, [encode(type, null, true)])).toEqual([null])
    expect(() => encode(type, null)).toThrow('a of rows[0] must be a value, for the column is not nullable, and is null')
  })

  it.each<[AppendColumn['type'], unknown]>([
    ['sc:Boolean', 1], ['sc:Text', 1], ['sc:Text', '\ud800'], ['sc:Integer', 1.5], ['sc:Integer', 2n ** 63n], ['sc:Integer', '1'],
    ['sc:Float', '1'], ['sc:DateTime', new Date(NaN)], ['sc:DateTime', 1]
  ])('refuse as %s: %o', (type, value) => {
    expect(() => encode(type, value as TableValue)).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
  })

  it('refuse a column that the dataset does not have', () => {
    expect(() => encodeAppendRow([{ name: 'a', type: 'sc:Text' }], { a: '', b: 1 }, 7)).toThrow('rows[7] has the column "b", which the dataset has not')
  })
})

describe('checkAppendColumns', () => {
  it.each<[unknown, string]>([
    [[], 'columns must be an array of 1 to 10000'],
    [[{ name: '', type: 'sc:Text' }], 'columns[0].name must be text'],
    [[{ name: 'a', type: 'sc:Text' }, { name: 'a', type: 'sc:Text' }], 'columns[1].name must be another one'],
    [[{ name: 'a', type: 'text' }], 'columns[0].type must be sc:Boolean'],
    [[{ name: 'a', type: 'sc:Text', nullable: 1 }], 'columns[0].nullable must be a boolean']
  ])('refuses %o', (columns, problem) => {
    expect(() => { checkAppendColumns(columns) }).toThrow(problem)
  })
})
