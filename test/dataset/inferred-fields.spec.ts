import { expect, it } from 'vitest'
import { InferredFields } from '../../src/dataset/inferred-fields.ts'
import type { TableField, TableRow, TableValue } from '../../src/interface/table.ts'

function infer (rows: TableRow[], isText = false): TableField[] {
  const inferred = new InferredFields(isText)
  for (const row of rows) inferred.add(row)
  return inferred.fields
}

it.each<[TableValue[], Omit<TableField, 'name'>]>([
  [[1, 2], { type: 'sc:Integer', nullable: false }],
  [[1, 2n ** 60n], { type: 'sc:Integer', nullable: false }],
  [[1, 2.5], { type: 'sc:Float', nullable: false }],
  [[1, 'x'], { type: 'sc:Text', nullable: false }],
  [[true, null], { type: 'sc:Boolean', nullable: true }],
  [['2024-01-02', '2024-02-28'], { type: 'sc:Date', nullable: false }],
  [['2024-01-02T03:04:05Z'], { type: 'sc:DateTime', nullable: false }],
  [['2024-13-02'], { type: 'sc:Text', nullable: false }],
  [['2024-01-02', 'soon'], { type: 'sc:Text', nullable: false }],
  [[[1], [], null], { type: 'sc:Integer', repeated: true, nullable: true }],
  [[{ x: 1 }], { type: 'sc:StructuredValue', nullable: false }],
  [[[1], 2], { type: 'sc:StructuredValue', nullable: false }],
  [[null], { type: 'sc:Text', nullable: true }]
])('tells of JSON %o', (values, field) => {
  expect(infer(values.map(a => ({ a })))).toEqual([{ name: 'a', ...field }])
})

it.each<[string[], Omit<TableField, 'name'>]>([
  [['1', '-20'], { type: 'sc:Integer', nullable: false }],
  [['1', '2.50', '1e9'], { type: 'sc:Float', nullable: false }],
  [['007'], { type: 'sc:Float', nullable: false }],
  [['true', 'False'], { type: 'sc:Boolean', nullable: false }],
  [['1', ''], { type: 'sc:Integer', nullable: true }],
  [['1', 'one'], { type: 'sc:Text', nullable: false }]
])('tells of CSV %o', (values, field) => {
  expect(infer(values.map(a => ({ a })), true)).toEqual([{ name: 'a', ...field }])
})

it('takes a column for nullable that some rows do not have', () => {
  expect(infer([{ a: 1 }, { a: 2, b: 1 }])).toEqual([{ name: 'a', type: 'sc:Integer', nullable: false }, { name: 'b', type: 'sc:Integer', nullable: true }])
})

it('refuses more columns than a table has, whichever rows they come in', () => {
  const inferred = new InferredFields(false)
  for (let n = 0; n < 10_000; n++) inferred.add({ [`c${n}`]: 1 })
  expect(() => { inferred.add({ more: 1 }) }).toThrow(expect.objectContaining({ name: 'LimitExceededError', details: { limit: 'tableColumnsMax', max: 10_000, actual: 10_001 } }))
})
