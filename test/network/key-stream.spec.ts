import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { KeyStream } from '../../src/network/key-stream.ts'

/** Of tests/stream3.c of NaCl (https://nacl.cr.yp.to): the first bytes of XSalsa20 under this key and nonce. */
const key = Buffer.from('1b27556473e985d462cd51197a9a46c76009549eac6474f206c4ee0844f68389', 'hex')
const nonce = Buffer.from('69696ee955b62b73cd62bda875fc73d68219e0036b7a0b37', 'hex')
const stream = 'eea6a7251c1e72916d11c2cb214d3c252539121d8e234e652d651fa4c8cff880'

describe('KeyStream', () => {
  it('is XSalsa20', () => {
    expect(Buffer.from(new KeyStream(key, nonce).update(new Uint8Array(32))).toString('hex')).toBe(stream)
  })

  it('gives the same however the bytes are cut', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), (pieces) => {
      const [one, other] = [new KeyStream(key, nonce), new KeyStream(key, nonce)]
      const whole = one.update(Uint8Array.from(pieces.flatMap(piece => [...piece])))
      expect(Buffer.concat(pieces.map(piece => other.update(piece)))).toEqual(Buffer.from(whole))
    }))
  })

  it('gives back what went through it, and changes nothing in place', () => {
    const plain = Uint8Array.from({ length: 100_000 }, (_, i) => i % 251)
    const before = Uint8Array.from(plain)
    const cipher = new KeyStream(key, nonce).update(plain)
    expect(plain).toEqual(before)
    expect(new KeyStream(key, nonce).update(cipher)).toEqual(before)
  })
})
