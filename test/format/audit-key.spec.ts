import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidAuditKeyError, WrongSignerError } from '../../src/errors.ts'
import { signDigest } from '../../src/format/address.ts'
import { auditKeyLabel, decodeAuditKey, encodeAuditKey, signAuditKey, verifyAuditKey } from '../../src/format/audit-key.ts'
import { auditKeyDigest } from '../../src/format/eip712.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import type { AuditKey } from '../../src/format/audit-key.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'

const vectors = readVectors('audit-key') as {
  privateKey: Hex
  label: string
  valid: { name: string, auditKey: AuditKey, digest: Hex, signer: Address, bytes: Hex }[]
  invalid: { name: string, bytes: Hex, error: string }[]
  badSignatures: { name: string, auditKey: AuditKey }[]
  otherSigners: { name: string, auditKey: AuditKey }[]
}

const sign = (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, fromHex(vectors.privateKey)))
const auditKey: fc.Arbitrary<AuditKey> = fc.record({
  origin: fc.tuple(hexOf(20), hexOf(16)).map(([address, id]) => `cortensor-datanode/${address}/${id.slice(2)}`),
  ed25519PublicKey: hexOf(32),
  time: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String),
  signature: hexOf(65)
})

describe('encodeAuditKey and decodeAuditKey', () => {
  it.each(vectors.valid)('write and read: $name', ({ auditKey, bytes }) => {
    expect(toHex(encodeAuditKey(auditKey))).toBe(bytes)
    expect(decodeAuditKey(fromHex(bytes))).toEqual(auditKey)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeAuditKey(fromHex(bytes))).name).toBe(error)
  })

  it('give back any audit key', () => {
    fc.assert(fc.property(auditKey, (value) => {
      expect(decodeAuditKey(encodeAuditKey(value))).toEqual(value)
    }))
  })

  it('fit the longest value of every field into 417 bytes', () => {
    expect(Math.max(...vectors.valid.map(({ bytes }) => fromHex(bytes).byteLength))).toBe(417)
  })

  it('refuse changed bytes, or they are another audit key', () => {
    fc.assert(fc.property(auditKey, mutations, (value, changes) => {
      const bytes = mutate(encodeAuditKey(value), changes)
      expect(again(bytes, decodeAuditKey, encodeAuditKey) ?? bytes).toEqual(bytes)
    }), { numRuns: 150 })
  })

  it.each([undefined, null, {}, 'x', { origin: 1 }, { ...at(vectors.valid, 0).auditKey, origin: 'a' }])('refuse to write %o', (value) => {
    expect(() => encodeAuditKey(value as unknown as AuditKey)).toThrow(InvalidAuditKeyError)
    expect(() => verifyAuditKey(value as unknown as AuditKey)).toThrow(InvalidAuditKeyError)
  })
})

describe('verifyAuditKey', () => {
  it.each(vectors.valid)('finds the node that signed: $name', ({ auditKey, signer, digest }) => {
    expect(verifyAuditKey(auditKey)).toEqual({ auditKey, signer })
    expect(toHex(auditKeyDigest(auditKey))).toBe(digest)
  })

  it.each(vectors.badSignatures)('refuses a signature: $name', ({ auditKey }) => {
    expect(() => verifyAuditKey(auditKey)).toThrow(InvalidAuditKeyError)
  })

  it.each(vectors.otherSigners)('refuses what the node did not sign: $name', ({ auditKey }) => {
    const error = errorOf(() => verifyAuditKey(auditKey))
    expect(error).toBeInstanceOf(WrongSignerError)
    expect(error.details['expected']).toBe(at(vectors.valid, 0).signer)
    expect(error.details['actual']).not.toBe(at(vectors.valid, 0).signer)
  })
})

describe('signAuditKey', () => {
  it('makes the audit keys that viem makes', async () => {
    for (const { auditKey: { signature, ...body } } of vectors.valid) {
      expect((await signAuditKey(body, sign)).signature).toBe(signature)
    }
  })

  it('refuses a field that is not of its form before anything is signed', async () => {
    const asked: Uint8Array[] = []
    for (const change of [{ origin: '' }, { ed25519PublicKey: '0x' }, { time: '01' }]) {
      const signing = signAuditKey({ ...at(vectors.valid, 0).auditKey, ...change } as AuditKey, (digest) => {
        asked.push(digest)
        return sign(digest)
      })
      await expect(signing).rejects.toThrow(InvalidAuditKeyError)
    }
    expect(asked).toEqual([])
  })

  it('refuses a signer that gives something else than a signature', async () => {
    for (const bytes of [new Uint8Array(0), new Uint8Array(65), new Uint8Array(66)]) {
      await expect(signAuditKey(at(vectors.valid, 0).auditKey, () => Promise.resolve(bytes))).rejects.toThrow(InvalidAuditKeyError)
    }
  })

  it('is for the key under one label', () => {
    expect(auditKeyLabel).toBe(vectors.label)
  })
})
