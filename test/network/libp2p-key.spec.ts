import { inspect } from 'node:util'
import { privateKeyFromRaw } from '@libp2p/crypto/keys'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Libp2pKey } from '../../src/network/libp2p-key.ts'
import { keyOf } from './support.ts'

const keys = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter(key => key.some(byte => byte !== 0) && (key[0] ?? 0) < 0xff)

describe('Libp2pKey', () => {
  it('has the public key of libp2p\'s own key, and its signatures', async () => {
    await fc.assert(fc.asyncProperty(keys, fc.uint8Array(), async (raw, data) => {
      const [ours, theirs] = [new Libp2pKey(raw), privateKeyFromRaw(raw)]
      expect(ours.type).toBe(theirs.type)
      expect(ours.raw).toEqual(theirs.raw)
      expect(ours.publicKey.equals(theirs.publicKey)).toBe(true)
      expect(await theirs.publicKey.verify(data, await ours.sign(data))).toBe(true)
    }), { numRuns: 20 })
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
