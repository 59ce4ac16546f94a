import { hkdfSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidKeyError } from '../../src/errors.ts'
import { deriveKey } from '../../src/format/derived-key.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { readVectors } from './vectors.ts'

const { privateKey, label, seed } = readVectors('audit-key') as { privateKey: Hex, label: string, seed: Hex }

describe('deriveKey', () => {
  it('derives the seed of the key that signs checkpoints', () => {
    expect(toHex(deriveKey(fromHex(privateKey), label))).toBe(seed)
  })

  it('agrees with the crypto of Node.js', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.string({ unit: 'grapheme' }), (ikm, label) => {
      expect(toHex(deriveKey(ikm, label))).toBe(`0x${Buffer.from(hkdfSync('sha256', ikm, '', label, 32)).toString('hex')}`)
    }))
  })

  it('refuses a key of 31 and of 33 bytes', () => {
    for (const length of [31, 33]) expect(() => deriveKey(new Uint8Array(length), label)).toThrow(InvalidKeyError)
  })
})
