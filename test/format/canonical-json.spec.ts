import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidManifestError, LimitExceededError } from '../../src/errors.ts'
import { decodeCanonicalJson, encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import type { JsonValue } from '../../src/interface/primitives.ts'
import { json, mutations } from './arbitraries.ts'
import { again, errorOf, mutate, readVectors } from './vectors.ts'

const vectors = readVectors('canonical-json') as {
  numbers: { bits: string, text: string | null }[]
  canonicalized: { name: string, input: string, output: string }[]
  refused: { name: string, bytes: string, error: string }[]
}

const bytesMax = 1024 * 1024
const decode = (bytes: Uint8Array): JsonValue => decodeCanonicalJson(bytes, { bytesMax })
const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

describe('encodeCanonicalJson', () => {
  it.each(vectors.numbers)('writes the double $bits as $text (RFC 8785, appendix B)', ({ bits, text }) => {
    const number = Buffer.from(bits, 'hex').readDoubleBE()
    if (text === null) {
      expect(() => encodeCanonicalJson(number)).toThrow(InvalidManifestError)
    } else {
      expect(encodeCanonicalJson(number)).toEqual(utf8(text))
    }
  })

  it.each(vectors.canonicalized)('writes the example: $name', ({ input, output }) => {
    expect(toHex(encodeCanonicalJson(JSON.parse(input) as JsonValue))).toBe(output)
  })

  it.each([undefined, () => 1, 1n, NaN, { a: undefined }, [undefined], new Date(0), '\ud800', { '\udfff': 1 }, JSON.parse('{"__proto__":1}')].map((value): [unknown] => [value]))(
    'refuses %o', (value) => {
      expect(() => encodeCanonicalJson(value as JsonValue)).toThrow(InvalidManifestError)
    })

  it('refuses a value that holds itself', () => {
    const cycle: JsonValue[] = []
    cycle.push(cycle)
    expect(() => encodeCanonicalJson(cycle)).toThrow(InvalidManifestError)
  })
})

describe('decodeCanonicalJson', () => {
  it('reads what was written, whatever it is', () => {
    fc.assert(fc.property(json, (value) => {
      expect(decode(encodeCanonicalJson(value))).toEqual(value)
    }))
  })

  it.each(vectors.canonicalized)('reads the example: $name', ({ input, output }) => {
    expect(decode(fromHex(output))).toEqual(JSON.parse(input))
    expect(input === Buffer.from(fromHex(output)).toString() || errorOf(() => decode(utf8(input))).name === 'InvalidManifestError').toBe(true)
  })

  it.each(vectors.refused)('refuses: $name', ({ bytes, error }) => {
    expect(errorOf(() => decode(fromHex(bytes))).name).toBe(error)
  })

  it('refuses changed bytes, or they are the canonical form of something else', () => {
    fc.assert(fc.property(json, mutations, (value, changes) => {
      const bytes = mutate(encodeCanonicalJson(value), changes)
      expect(again(bytes, decode, encodeCanonicalJson) ?? bytes).toEqual(bytes)
    }), { numRuns: 500 })
  })

  it('reads as many bytes as it is told, and refuses one more before it looks at them', () => {
    const text = (bytes: number): Uint8Array => utf8(`"${'a'.repeat(bytes - 2)}"`)
    expect(decodeCanonicalJson(text(bytesMax), { bytesMax })).toHaveLength(bytesMax - 2)
    expect(errorOf(() => decodeCanonicalJson(text(bytesMax + 1), { bytesMax }))).toMatchObject(
      { name: 'LimitExceededError', details: { limit: 'bytesMax', max: bytesMax, actual: bytesMax + 1 } })
    expect(() => decodeCanonicalJson(new Uint8Array(bytesMax + 1), { bytesMax })).toThrow(LimitExceededError)
  })

  it('refuses brackets 100,000 deep before they are parsed', () => {
    for (const text of ['['.repeat(100_000), '{"a":'.repeat(100_000), '['.repeat(100_000) + ']'.repeat(100_000)]) {
      expect(() => decode(utf8(text))).toThrow(LimitExceededError)
    }
  })

  it('takes another depth', () => {
    expect(() => decodeCanonicalJson(utf8('[[]]'), { bytesMax, depthMax: 1 })).toThrow(LimitExceededError)
    expect(decodeCanonicalJson(utf8('[[]]'), { bytesMax, depthMax: 2 })).toEqual([[]])
  })

  it('says whether bytes are no UTF-8 or no JSON', () => {
    expect(errorOf(() => decode(Uint8Array.of(0x22, 0xff, 0x22))).message).toBe('The 3 bytes are not UTF-8')
    expect(errorOf(() => decode(utf8('nil'))).message).toBe('The 3 bytes are not JSON')
    expect(errorOf(() => decode(utf8('\ufeff1'))).message).toBe('The 4 bytes are not JSON')
  })

  it('says where the first difference is', () => {
    expect(errorOf(() => decode(utf8('{"b":1,"a":2}')))).toMatchObject({ message: 'The JSON is not in its canonical form (RFC 8785): it differs at byte 2', details: { byte: 2 } })
  })

  it('reads a part of a larger buffer', () => {
    expect(decode(utf8('xx[1]xx').subarray(2, 5))).toEqual([1])
  })
})
