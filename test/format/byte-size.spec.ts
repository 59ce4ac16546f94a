import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { formatByteSize, parseByteSize } from '../../src/format/byte-size.ts'

describe('parseByteSize', () => {
  it.each<[number | string, number]>([
    ['10GiB', 10 * 2 ** 30], ['1.5 GB', 1_500_000_000], ['512MiB', 2 ** 29], ['4096', 4096], [4096, 4096], [0, 0], ['0', 0],
    ['7B', 7], ['7 b', 7], ['1KB', 1000], ['1kib', 1024], ['1 Mb', 1e6], ['1MIB', 2 ** 20], ['2tb', 2e12], ['2TiB', 2 ** 41],
    ['4.35GB', 4_350_000_000], ['0.29 GB', 290_000_000], ['1.3KiB', 1331], ['0.0001KB', 0], ['007', 7],
    [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER], ['9007199254740991', Number.MAX_SAFE_INTEGER], ['8191TiB', 8191 * 2 ** 40]
  ])('reads %j', (value, bytes) => {
    expect(parseByteSize(value, 'quota')).toBe(bytes)
  })

  it.each<unknown>([
    '', ' ', '10 apples', 'GiB', '-1', '-1GiB', '1e9', '+1', '1,5GB', '1.GB', '.5GB', '1.5', '1.5B', '1  GB', ' 1GB', '1GB ', '1G', '1iB',
    '1PB', '1 Gi', '0x10', 'Infinity', '9007199254740992', '8192TiB', '1'.repeat(17), '1'.repeat(1e6), '١GB', '1GB\n',
    -1, 1.5, NaN, Infinity, 2 ** 53, 5n, null, undefined, true, {}, [], ['1GB']
  ])('refuses what is no size, %#', value => {
    expect(() => parseByteSize(value as string, 'quota')).toThrow(expect.objectContaining({
      name: 'InvalidArgumentError', message: expect.stringMatching(/^quota must be a whole number of bytes, or text such as '10GiB', and is /) as string
    }) as Error)
  })
})

describe('formatByteSize', () => {
  it.each<[number, string]>([
    [0, '0 B'], [1, '1 B'], [1023, '1023 B'], [1024, '1 KiB'], [1536, '1.5 KiB'], [1024 * 1023.9, '1023.9 KiB'], [2 ** 20 - 1, '1 MiB'],
    [2 ** 20, '1 MiB'], [1.5 * 2 ** 30, '1.5 GiB'], [2 ** 40, '1 TiB'], [2000 * 2 ** 40, '2000 TiB']
  ])('writes %d', (bytes, text) => {
    expect(formatByteSize(bytes)).toBe(text)
  })

  it('writes what can be read, one digit after the point exact', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 2 ** 50 }), bytes => {
      const read = parseByteSize(formatByteSize(bytes), 'text')
      expect(Math.abs(read - bytes)).toBeLessThanOrEqual(Math.max(1, bytes * 0.05))
    }))
  })
})
