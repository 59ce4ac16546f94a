import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import { signDigest } from '../../src/format/address.ts'
import { hastenRecovery, isHastened, recoverInJavaScript, recoverKey } from '../../src/format/recover-key.ts'
import type { RecoverableSignature, RecoverKey } from '../../src/format/recover-key-wasm.ts'

const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const recovery = fc.constantFrom<(0 | 1)[]>(0, 1)

function keyOrNone (recover: RecoverKey, hash: Uint8Array, signature: RecoverableSignature): Uint8Array | 'none' {
  try {
    return Uint8Array.from(recover(hash, signature))
  } catch {
    return 'none'
  }
}

describe('recoverKey', () => {
  beforeAll(async () => {
    await hastenRecovery()
  })

  it('finds the key that signed', () => {
    const privateKey = digest.filter(key => secp256k1.utils.isValidSecretKey(key))
    fc.assert(fc.property(digest, privateKey, (hash, key) => {
      const signed = signDigest(hash, key)
      const signature = { compact: signed.subarray(0, 64), recovery: signed[64] === 27 ? 0 : 1 } as const
      expect(recoverKey(hash, signature)).toEqual(secp256k1.getPublicKey(key, false))
    }), { numRuns: 50 })
  })

  it('finds what JavaScript finds, a key or none, whatever the signature', () => {
    const number = fc.oneof(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.constantFrom(
      new Uint8Array(32), new Uint8Array(32).fill(0xff), Uint8Array.of(...new Uint8Array(31), 1), Uint8Array.of(...new Uint8Array(31), 5)))
    fc.assert(fc.property(digest, number, number, recovery, (hash, r, s, recovery) => {
      const signature = { compact: Uint8Array.of(...r, ...s), recovery }
      expect(keyOrNone(recoverKey, hash, signature)).toEqual(keyOrNone(recoverInJavaScript, hash, signature))
    }), { numRuns: 200 })
  })

  it('is hastened once', () => {
    expect(hastenRecovery()).toBe(hastenRecovery())
    expect(isHastened()).toBe(true)
  })
})
