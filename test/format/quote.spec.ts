import { describe, expect, it } from 'vitest'
import { quote } from '../../src/format/quote.ts'

describe('quote', () => {
  it('puts text in JSON quotes', () => {
    expect(quote('a "b"\n')).toBe('"a \\"b\\"\\n"')
  })

  it('keeps 80 characters and cuts 81, or as many as are said', () => {
    expect(quote('a'.repeat(80))).toBe(`"${'a'.repeat(80)}"`)
    expect(quote('a'.repeat(81))).toBe(`"${'a'.repeat(80)}"… (81 characters)`)
    expect(quote('aaa', 3)).toBe('"aaa"')
    expect(quote('aaaa', 3)).toBe('"aaa"… (4 characters)')
  })

  it('escapes what could move the cursor, end the line or turn the reading direction', () => {
    const hostile = '\u0000\u001b\u007f\u0080\u009f\u061c\u200e\u200f\u2028\u2029\u202a\u202e\u2066\u2069\ud800'
    expect(quote(hostile)).toMatch(/^"(?:\\u[0-9a-f]{4})+"$/)
  })
})
