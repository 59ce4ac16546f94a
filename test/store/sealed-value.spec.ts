import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seal, unseal } from '../../src/store/sealed-value.ts'

test('takes out what was put in, and is the CRC-32 that everybody computes', () => {
  fc.assert(fc.property(fc.string(), fc.uint8Array(), (key, value) => {
    expect(new Uint8Array(unseal(key, seal(key, value)) ?? expect.fail())).toEqual(value)
  }))
  // The check value of CRC-32/ISO-HDLC.
  expect(Buffer.from(seal('1234', Buffer.from('56789'))).readUInt32BE()).toBe(0xcbf43926)
})

test('gives nothing when any bit is another one, or the key is', () => {
  const sealed = seal('/block/1220', new Uint8Array([1, 2, 3]))
  for (let bit = 0; bit < sealed.byteLength * 8; bit++) {
    const flipped = Uint8Array.from(sealed)
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
    expect(unseal('/block/1220', flipped)).toBeUndefined()
  }
  expect(unseal('/block/1221', sealed)).toBeUndefined()
  for (let length = 0; length < sealed.byteLength; length++) expect(unseal('/block/1220', sealed.subarray(0, length))).toBeUndefined()
})
