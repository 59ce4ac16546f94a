import { describe, expect, it } from 'vitest'
import { countInRuns, readVarint } from '../../src/dataset/parquet-runs.ts'

const runs = (bytes: number[], bits: number, count: number, wanted = 1): number =>
  countInRuns({ bytes: Uint8Array.from(bytes), start: 0, end: bytes.length, bits, count }, wanted)

describe('countInRuns', () => {
  it('counts values in runs and in packed bits', () => {
    expect(runs([10 << 1, 1], 1, 10)).toBe(10)
    expect(runs([10 << 1, 0, 1 << 1 | 1, 0b0000_0101], 1, 14)).toBe(2)
    expect(runs([2 << 1 | 1, 0b11_00_01_10, 0, 0b1, 0], 2, 16, 2)).toBe(1)
    expect(runs([4 << 1, 0x34, 0x12], 16, 4, 0x1234)).toBe(4)
  })

  it('counts no more of a packed run than there are values', () => {
    expect(runs([1 << 1 | 1, 0xff], 1, 3)).toBe(3)
  })

  it.each([
    ['a run of a billion values', [0x80, 0xa8, 0xd6, 0xb9, 0x07, 1], 'a run has 1000000000 of 5 values'],
    ['a run of none', [0, 1], 'a run has 0 of 5 values'],
    ['runs that end too early', [2 << 1, 1], 'a number is too long'],
    ['a packed run without its bytes', [1 << 1 | 1], 'runs end too early']
  ])('refuses %s', (_, bytes, problem) => {
    expect(() => runs(bytes, 1, 5)).toThrow(problem)
  })
})

describe('readVarint', () => {
  it('reads up to 31 bits', () => {
    expect(readVarint(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 7), 0, 5)).toEqual({ value: 2 ** 31 - 1, next: 5 })
    expect(() => readVarint(Uint8Array.of(0xff, 0xff, 0xff, 0xff, 8), 0, 5)).toThrow('a number is too long')
  })
})
