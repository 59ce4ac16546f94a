import { secp256k1 } from '@noble/curves/secp256k1.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recoverAddress as viemRecoverAddress } from 'viem'
import { privateKeyToAccount, publicKeyToAddress, sign as viemSign } from 'viem/accounts'
import { InvalidArgumentError, InvalidKeyError, InvalidStatementError } from '../../src/errors.ts'
import { addressOf, checkSignature, recoverAddress, signDigest } from '../../src/format/address.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Statement } from '../../src/interface/statement.ts'
import { at, errorOf, readVectors } from './vectors.ts'

const vectors = readVectors('statement') as { privateKey: Hex, valid: { digest: Hex, signer: Hex, statement: Statement }[], badSignatures: { name: string, statement: Statement }[] }
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const bytes32 = (number: bigint): Uint8Array => fromHex(number.toString(16).padStart(64, '0'), 32)
const privateKey = fc.bigInt({ min: 1n, max: order - 1n }).map(bytes32)
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })

describe('addressOf', () => {
  it('gives the address that viem gives, for both forms of a public key', () => {
    fc.assert(fc.property(privateKey, (key) => {
      const long = secp256k1.getPublicKey(key, false)
      const address = publicKeyToAddress(toHex(long)).toLowerCase()
      expect(addressOf(long)).toBe(address)
      expect(addressOf(secp256k1.getPublicKey(key, true))).toBe(address)
    }), { numRuns: 20 })
  })

  it('gives the published address of a published key', () => {
    expect(addressOf(secp256k1.getPublicKey(fromHex(vectors.privateKey), true))).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
  })

  it.each([0, 32, 33, 34, 64, 65, 66])('refuses %i bytes that are no point', (bytes) => {
    expect(() => addressOf(new Uint8Array(bytes).fill(4))).toThrow(InvalidKeyError)
  })
})

describe('signDigest', () => {
  it('makes the signature that viem makes, the same each time, with a low s', async () => {
    await fc.assert(fc.asyncProperty(digest, privateKey, async (hash, key) => {
      const signature = signDigest(hash, key)
      expect(toHex(signature)).toBe(await viemSign({ hash: toHex(hash), privateKey: toHex(key), to: 'hex' }))
      expect(signDigest(hash, key)).toEqual(signature)
      expect(BigInt(toHex(signature.subarray(32, 64))) <= order / 2n).toBe(true)
    }), { numRuns: 20 })
  })

  it.each([0n, order, 2n ** 256n - 1n])('refuses the key %x without showing it', (key) => {
    const error = errorOf(() => signDigest(new Uint8Array(32), bytes32(key)))
    expect(error).toBeInstanceOf(InvalidKeyError)
    expect(JSON.stringify([error.message, error.details, String(error.cause)])).not.toContain(toHex(bytes32(key)).slice(2, 20))
  })

  it('refuses a digest of 31 and of 33 bytes', () => {
    expect(() => signDigest(new Uint8Array(31), bytes32(1n))).toThrow(InvalidArgumentError)
    expect(() => signDigest(new Uint8Array(33), bytes32(1n))).toThrow(InvalidArgumentError)
  })
})

describe('recoverAddress', () => {
  it.each(vectors.valid)('finds the signer of $digest', ({ digest, signer, statement }) => {
    expect(recoverAddress(fromHex(digest), fromHex(statement.signature))).toBe(signer)
  })

  it('finds the signer that viem finds', async () => {
    await fc.assert(fc.asyncProperty(digest, privateKey, async (hash, key) => {
      const signature = signDigest(hash, key)
      const signer = recoverAddress(hash, signature)
      expect(signer).toBe(privateKeyToAccount(toHex(key)).address.toLowerCase())
      expect(signer).toBe((await viemRecoverAddress({ hash: toHex(hash), signature: toHex(signature) })).toLowerCase())
    }), { numRuns: 20 })
  })

  it.each(vectors.badSignatures)('refuses: $name', ({ statement }) => {
    const { digest } = at(vectors.valid, 1)
    expect(() => recoverAddress(fromHex(digest), fromHex(statement.signature))).toThrow(InvalidStatementError)
  })

  it.each([0, 64, 66])('refuses a signature of %i bytes', (bytes) => {
    expect(() => recoverAddress(new Uint8Array(32), new Uint8Array(bytes).fill(27))).toThrow(InvalidStatementError)
  })

  it('takes s at half of the order and refuses one more', () => {
    const signature = (s: bigint): Uint8Array => Uint8Array.of(...bytes32(1n), ...bytes32(s), 27)
    expect(recoverAddress(new Uint8Array(32).fill(1), signature(order / 2n))).toMatch(/^0x/)
    expect(() => recoverAddress(new Uint8Array(32).fill(1), signature(order / 2n + 1n))).toThrow('high s')
  })

  it('throws nothing but its own error, whatever the signature', () => {
    fc.assert(fc.property(fc.uint8Array({ minLength: 64, maxLength: 64 }), fc.constantFrom(27, 28), (compact, v) => {
      try {
        expect(recoverAddress(new Uint8Array(32).fill(1), Uint8Array.of(...compact, v))).toMatch(/^0x[0-9a-f]{40}$/)
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidStatementError)
      }
    }), { numRuns: 50 })
  })
})

describe('checkSignature', () => {
  const form = (s: bigint, v: number): Uint8Array => Uint8Array.of(...bytes32(5n), ...bytes32(s), v)

  it('takes what has the form of a signature, also when it belongs to no key', () => {
    // No point of the curve has the x that r stands for here.
    expect(() => { checkSignature(form(order / 2n, 27)) }).not.toThrow()
    expect(() => recoverAddress(new Uint8Array(32).fill(1), form(order / 2n, 27))).toThrow(InvalidStatementError)
  })

  it('refuses every other form', () => {
    for (const bytes of [form(order / 2n + 1n, 27), form(1n, 26), form(1n, 29), form(0n, 27), form(1n, 27).subarray(1)]) {
      expect(() => { checkSignature(bytes) }).toThrow(InvalidStatementError)
    }
  })
})
