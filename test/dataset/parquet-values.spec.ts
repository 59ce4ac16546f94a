import { expect, it } from 'vitest'
import { checkValues } from '../../src/dataset/parquet-values.ts'
import type { PageValues } from '../../src/dataset/parquet-values.ts'

const check = (bytes: number[], values: Partial<PageValues>): void => {
  checkValues(Uint8Array.from(bytes), 0, { count: 8, encoding: 0, element: { name: 'a', type: 'INT32' }, isVersion2: false, ...values })
}

it.each<[string, number[], Partial<PageValues>]>([
  ['plain values', [], { encoding: 0 }],
  ['indexes of a dictionary', [2, 8 << 1, 1], { encoding: 8 }],
  ['indexes of no bits', [0], { encoding: 8 }],
  ['truth in runs', [0, 0, 0, 0, 8 << 1, 1], { encoding: 3, element: { name: 'a', type: 'BOOLEAN' } }],
  ['deltas', [128, 1, 4, 8, 2], { encoding: 5 }],
  ['split bytes', Array<number>(32).fill(0), { encoding: 9 }],
  ['nothing, however it is written', [], { encoding: 7, count: 0 }]
])('takes %s', (_, bytes, values) => {
  expect(() => { check(bytes, values) }).not.toThrow()
})

it.each<[string, number[], Partial<PageValues>, string]>([
  ['indexes of 32 bits', [32, 1], { encoding: 8 }, 'indexes have 32 bits'],
  ['no indexes', [], { encoding: 2 }, 'indexes have 0 bits'],
  ['a run of indexes without end', [2, 0xfe, 0xff, 0xff, 0x7f, 1], { encoding: 8 }, 'a run has'],
  ['a run of no bits without end', [0, 0xfe, 0xff, 0xff, 0x7f], { encoding: 8, isVersion2: true }, 'a run has'],
  ['deltas in blocks without parts', [128, 1, 0, 8, 2], { encoding: 5 }, 'deltas are in blocks'],
  ['deltas in blocks without bounds', [0xff, 0xff, 0xff, 0x7f, 4, 8, 2], { encoding: 6 }, 'deltas are in blocks'],
  ['more split values than bytes', Array<number>(31).fill(0), { encoding: 9 }, 'more values than bytes'],
  ['values that repeat one another', [], { encoding: 7 }, 'encoding 7 is not read']
])('refuses %s', (_, bytes, values, problem) => {
  expect(() => { check(bytes, values) }).toThrow(problem)
})
