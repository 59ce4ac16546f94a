import fc from 'fast-check'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, it } from 'vitest'
import { InvalidDelegationError, LimitExceededError } from '../../src/errors.ts'
import { signDigest } from '../../src/format/address.ts'
import {
  decodeDelegation, delegationTypedData, encodeDelegation, readDelegation, signDelegation, verifyDelegation
} from '../../src/format/delegation.ts'
import { delegationDigest } from '../../src/format/eip712.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { delegationBytesMax } from '../../src/limits.ts'
import { hexOf, mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'
import type { Delegation, DelegationBody } from '../../src/interface/delegation.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'

const vectors = readVectors('delegation') as {
  privateKey: Hex
  wallet: Address
  valid: { name: string, delegation: Delegation, digest: Hex, wallet: Address, bytes: Hex }[]
  invalid: { name: string, bytes: Hex, error: string }[]
  badSignatures: { name: string, delegation: Delegation }[]
  otherWallets: { name: string, delegation: Delegation }[]
}

const sign = (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, fromHex(vectors.privateKey)))
const bodyOf = ({ node, until, time }: Delegation): DelegationBody => ({ node, until, time })
const seconds = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String)
const delegation: fc.Arbitrary<Delegation> = fc.record({ node: hexOf(20), until: seconds, time: seconds, signature: hexOf(65) })

describe('encodeDelegation and decodeDelegation', () => {
  it.each(vectors.valid)('write and read: $name', ({ delegation, bytes }) => {
    expect(toHex(encodeDelegation(delegation))).toBe(bytes)
    expect(decodeDelegation(fromHex(bytes))).toEqual(delegation)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeDelegation(fromHex(bytes))).name).toBe(error)
  })

  it('give back any delegation', () => {
    fc.assert(fc.property(delegation, (value) => {
      expect(decodeDelegation(encodeDelegation(value))).toEqual(value)
    }))
  })

  it('fit the longest value of every field into 307 bytes', () => {
    expect(Math.max(...vectors.valid.map(({ bytes }) => fromHex(bytes).byteLength))).toBe(307)
  })

  it('refuse changed bytes, or they are another delegation', () => {
    fc.assert(fc.property(delegation, mutations, (value, changes) => {
      const bytes = mutate(encodeDelegation(value), changes)
      expect(again(bytes, decodeDelegation, encodeDelegation) ?? bytes).toEqual(bytes)
    }), { numRuns: 150 })
  })

  it.each([undefined, null, {}, 'x', { node: 1 }, { ...at(vectors.valid, 0).delegation, until: 1 }])('refuse to write %o', (value) => {
    expect(() => encodeDelegation(value as unknown as Delegation)).toThrow(InvalidDelegationError)
    expect(() => verifyDelegation(value as unknown as Delegation)).toThrow(InvalidDelegationError)
  })
})

describe('verifyDelegation', () => {
  it.each(vectors.valid)('finds the wallet that signed: $name', ({ delegation, wallet, digest }) => {
    expect(verifyDelegation(delegation)).toEqual({ delegation, wallet })
    expect(toHex(delegationDigest(delegation))).toBe(digest)
  })

  it.each(vectors.badSignatures)('refuses a signature: $name', ({ delegation }) => {
    expect(decodeDelegation(encodeDelegation(delegation))).toEqual(delegation)
    expect(() => verifyDelegation(delegation)).toThrow(InvalidDelegationError)
  })

  it.each(vectors.otherWallets)('does not find the wallet: $name', ({ delegation }) => {
    expect(verifyDelegation(delegation).wallet).not.toBe(vectors.wallet)
  })
})

describe('readDelegation', () => {
  const { delegation, bytes, wallet } = at(vectors.valid, 0)

  it('takes an object, bytes and text', () => {
    for (const given of [delegation, fromHex(bytes), new TextDecoder().decode(fromHex(bytes))]) {
      expect(readDelegation(given)).toEqual({ delegation, wallet })
    }
  })

  it('refuses text of any length without reading it', () => {
    expect(() => readDelegation('x'.repeat(delegationBytesMax + 1))).toThrow(LimitExceededError)
    expect(() => readDelegation(' '.repeat(10_000_000))).toThrow(LimitExceededError)
  })
})

describe('signDelegation', () => {
  it.each(vectors.valid)('makes what viem makes: $name', async ({ delegation }) => {
    expect(await signDelegation(bodyOf(delegation), sign)).toEqual(delegation)
  })

  it('refuses a body that is none before the wallet is asked', async () => {
    const asked = (): Promise<Uint8Array> => { throw new Error('asked') }
    await expect(signDelegation({ node: '0x1', until: '0', time: '0' }, asked)).rejects.toThrow(InvalidDelegationError)
  })

  it.each([0, 64, 66])('refuses %d bytes in place of a signature', async (length) => {
    const signing = signDelegation(bodyOf(at(vectors.valid, 0).delegation), () => Promise.resolve(new Uint8Array(length)))
    await expect(signing).rejects.toThrow(InvalidDelegationError)
  })
})

describe('delegationTypedData', () => {
  it.each(vectors.valid)('gives what a wallet signs: $name', async ({ delegation: { signature, ...body } }) => {
    const wallet = privateKeyToAccount(vectors.privateKey)
    // As it goes through the JSON of eth_signTypedData_v4.
    const throughJson = JSON.parse(JSON.stringify(delegationTypedData(body))) as ReturnType<typeof delegationTypedData>
    for (const typedData of [delegationTypedData(body), throughJson]) expect(await wallet.signTypedData(typedData)).toBe(signature)
  })

  it('refuses a body that is none', () => {
    expect(() => delegationTypedData({ node: '0x1', until: '0', time: '0' })).toThrow(InvalidDelegationError)
  })
})
