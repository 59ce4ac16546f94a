import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64 } from '../../src/format/base64.ts'

describe('toBase64 and fromBase64', () => {
  it('agree with Node.js', () => {
    fc.assert(fc.property(fc.uint8Array(), (bytes) => {
      const text = Buffer.from(bytes).toString('base64')
      expect(toBase64(bytes)).toBe(text)
      expect(fromBase64(text)).toEqual(bytes)
    }))
  })

  it.each([
    ['no padding', 'YQ'], ['too little padding', 'YQ='], ['too much padding', 'YQ==='], ['padding alone', '='], ['padding in front', '=YQ='],
    ['bits that are not used', 'YR=='], ['a line break', 'YQ==\n'], ['a space', 'Y Q='], ['characters for URLs', '-_8='], ['a single character', 'A']
  ])('refuse %s', (_, text) => {
    expect(fromBase64(text)).toBeUndefined()
  })

  it('have one text for the same bytes', () => {
    fc.assert(fc.property(fc.stringMatching(/^[A-Za-z0-9+/=]{0,12}$/), (text) => {
      const bytes = fromBase64(text)
      if (bytes !== undefined) expect(toBase64(bytes)).toBe(text)
    }))
  })
})
