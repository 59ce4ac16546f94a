import { describe, expect, it } from 'vitest'
import { parseNetworkKey } from '../../src/network/network-key.ts'

const digits = '0f'.repeat(31) + 'aB'
const key = Uint8Array.from(Buffer.from(digits, 'hex'))

describe('parseNetworkKey', () => {
  it.each([
    ['bytes', key], ['a Buffer', Buffer.from(key)], ['digits', digits], ['digits with 0x', `0x${digits}`],
    ['a swarm.key', `/key/swarm/psk/1.0.0/\n/base16/\n${digits}\n`], ['a swarm.key of Windows', `/key/swarm/psk/1.0.0/\r\n/base16/\r\n${digits}\r\n`]
  ])('reads %s', (_, given) => {
    expect(parseNetworkKey(given)).toEqual(key)
  })

  it('keeps a copy, which its owner cannot change', () => {
    const given = Uint8Array.from(key)
    const parsed = parseNetworkKey(given)
    given.fill(0)
    expect(parsed).toEqual(key)
  })

  it.each([
    null, 5, '', [], key.subarray(1), new Uint8Array(33), digits.slice(1), `${digits}0`, digits.replace('a', 'g'), `/key/swarm/psk/1.0.0/\n/base64/\n${digits}`
  ])('refuses %o, and does not show it', given => {
    expect(() => parseNetworkKey(given as never)).toThrow(expect.objectContaining({
      name: 'InvalidKeyError', details: {},
      message: 'networkKey must be 32 bytes, their 64 hexadecimal digits, or the text of a swarm.key file'
    }))
  })
})
