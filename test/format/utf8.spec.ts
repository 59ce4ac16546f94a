import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, toUtf8 } from '../../src/format/utf8.ts'

describe('toUtf8 and fromUtf8', () => {
  it('give back any text, a byte order mark in front of it too', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), fc.constantFrom('', '\ufeff'), (text, mark) => {
      expect(fromUtf8(toUtf8(mark + text))).toBe(mark + text)
    }))
  })

  it.each(['ff', 'c3', 'eda080', 'c08a', 'f4908080'])('refuse the bytes %s', (hex) => {
    expect(fromUtf8(Buffer.from(hex, 'hex'))).toBeUndefined()
  })
})
