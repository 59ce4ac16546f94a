import { describe, expect, it } from 'vitest'
import { readThrift } from '../../src/format/thrift.ts'

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values)
const nested = (depth: number): Uint8Array => bytes(...Array<number>(depth).fill(0x1c), ...Array<number>(depth + 1).fill(0))

describe('readThrift', () => {
  it('reads numbers, truth, bytes, lists and structures', () => {
    const written = bytes(0x15, 0x03, 0x16, 0x04, 0x11, 0x12, 0x18, 2, 65, 66, 0x19, 0x25, 2, 4, 0x1c, 0x15, 1, 0, 0, 99)
    const { struct, end } = readThrift(written, 0, 100)
    expect([...struct]).toEqual([[1, -2], [2, 2n], [3, true], [4, false], [5, bytes(65, 66)], [6, [1, 2]], [7, new Map([[1, -1]])]])
    expect(end).toBe(19)
  })

  it('reads an id that is written out, and one that follows it', () => {
    expect(readThrift(bytes(0x05, 0x28, 0x02, 0x15, 0x04, 0), 0, 9).struct).toEqual(new Map([[20, 1], [21, 2]]))
  })

  it('refuses a list that is longer than its bytes, without making room for it', () => {
    expect(() => readThrift(bytes(0x19, 0xf5, 0xff, 0xff, 0xff, 0xff, 0x07), 0, 100)).toThrow('ends too early')
  })

  it('refuses bytes that are longer than what is left', () => {
    expect(() => readThrift(bytes(0x18, 3, 1, 2), 0, 9)).toThrow('ends too early')
  })

  it('refuses a number of more bits than its type has', () => {
    expect(() => readThrift(bytes(0x15, 255, 255, 255, 255, 31, 0), 0, 9)).toThrow('more than 32 bits')
    expect(readThrift(bytes(0x15, 255, 255, 255, 255, 15, 0), 0, 9).struct.get(1)).toBe(-2147483648)
    expect(() => readThrift(bytes(0x16, ...Array<number>(10).fill(255), 0), 0, 9)).toThrow('more than 64 bits')
  })

  it('refuses more values, and more depth, than are read', () => {
    expect(() => readThrift(bytes(0x19, 0x35, 1, 1, 1, 0), 0, 3)).toThrow('more than 3 values')
    expect(readThrift(bytes(0x19, 0x35, 1, 1, 1, 0), 0, 4).struct.size).toBe(1)
    expect(readThrift(nested(15), 0, 99).end).toBe(31)
    expect(() => readThrift(nested(16), 0, 99)).toThrow('more than 16 deep')
  })

  it('refuses a type that Parquet does not have', () => {
    expect(() => readThrift(bytes(0x1b, 0, 0), 0, 9)).toThrow(expect.objectContaining({ name: 'InvalidTableError', code: 'ERR_INVALID_TABLE' }))
  })
})
