import { describe, expect, it } from 'vitest'
import { InvalidKeyError } from '../../src/errors.ts'
import { parsePrivateKey } from '../../src/network/parse-private-key.ts'

/** SEC 2, section 2.4.1: n. */
const order = 'fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141'

describe('parsePrivateKey', () => {
  it('takes the smallest and the largest key', () => {
    expect(parsePrivateKey('00'.repeat(31) + '01', 'The key').at(-1)).toBe(1)
    expect(parsePrivateKey(order.slice(0, -1) + '0', 'The key').at(-1)).toBe(0x40)
  })

  it.each([
    ['zero', '00'.repeat(32)],
    ['the order', order],
    ['above the order', 'ff'.repeat(32)],
    ['a digit less', '1'.repeat(63)],
    ['a digit more', '1'.repeat(65)],
    ['not hexadecimal', 'g'.repeat(64)],
    ['words', 'correct horse battery staple']
  ])('refuses %s without showing it', (_, text) => {
    const error: unknown = (() => {
      try {
        return parsePrivateKey(text, 'The key of the test')
      } catch (error) {
        return error
      }
    })()
    expect(error).toBeInstanceOf(InvalidKeyError)
    expect((error as Error).message).toContain('The key of the test')
    const { message, details, cause, stack } = error as InvalidKeyError
    expect(JSON.stringify([error, message, details, cause ?? '', stack])).not.toContain(text)
  })
})
