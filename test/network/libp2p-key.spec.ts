import { inspect } from 'node:util'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { Libp2pKey } from '../../src/network/libp2p-key.ts'
import { keyOf } from './support.ts'

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(key => key.some(byte => byte !== 0) && (key[0] ?? 0) < 0xff)

describe('Libp2pKey', () => {
  it('has the public key of libp2p\'s own key, which takes its signatures', async () => {
    await fc.assert(fc.asyncProperty(keys, fc.uint8Array(), async (raw, data) => {
      const [ours, theirs] = [new Libp2pKey(raw), privateKeyFromRaw(raw)]
      expect(ours.type).toBe(theirs.type)
      expect(ours.raw).toEqual(theirs.raw)
      expect(ours.publicKey.equals(theirs.publicKey)).toBe(true)
      expect(await theirs.publicKey.verify(data, ours.sign(data))).toBe(true)
      const [head, tail] = [data.subarray(0, data.length / 2), data.subarray(data.length / 2)]
      expect(await theirs.publicKey.verify(data, ours.sign(new Uint8ArrayList(head, tail)))).toBe(true)
    }), { numRuns: 20 })
  })

  it('gives the lower s, whichever OpenSSL comes to', () => {
    const key = new Libp2pKey(keyOf(1))
    // By chance half of them would have the higher one.
    for (let i = 0; i < 64; i++) expect(secp256k1.Signature.fromBytes(key.sign(Uint8Array.of(i)), 'der').hasHighS()).toBe(false)
  })

  it('signs nothing for whoever has given up', () => {
    expect(() => new Libp2pKey(keyOf(1)).sign(Uint8Array.of(1), { signal: AbortSignal.abort(new Error('given up')) })).toThrow('given up')
  })

  it('equals itself and no other', () => {
    expect(new Libp2pKey(keyOf(1)).equals(new Libp2pKey(keyOf(1)))).toBe(true)
    expect(new Libp2pKey(keyOf(1)).equals(new Libp2pKey(keyOf(2)))).toBe(false)
    expect(new Libp2pKey(keyOf(1)).equals(undefined)).toBe(false)
  })

  it('does not show the key when it is printed', () => {
    expect(inspect(new Libp2pKey(new Uint8Array(32).fill(0x5a)), { depth: 9, showHidden: true })).not.toMatch(/5a, ?5a|90, ?90/)
  })
})
