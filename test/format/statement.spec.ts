import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { recoverTypedDataAddress } from 'viem'
import { InvalidStatementError } from '../../src/errors.ts'
import { signDigest } from '../../src/format/address.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeStatement, encodeStatement, readStatement, signStatement, verifyStatement } from '../../src/format/statement.ts'
import { statementBytesMax } from '../../src/limits.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'
import type { Statement } from '../../src/interface/statement.ts'
import { hexOf, mutations, statementBody } from './arbitraries.ts'
import { at, again, errorOf, mutate, readVectors } from './vectors.ts'

const vectors = readVectors('statement') as {
  privateKey: Hex
  valid: { name: string, statement: Statement, taskHash: Hex, digest: Hex, signer: Address, bytes: string }[]
  invalid: { name: string, bytes: string, error: string }[]
  badSignatures: { name: string, statement: Statement }[]
  otherSigners: { name: string, statement: Statement }[]
}

const sign = (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, fromHex(vectors.privateKey)))
const statement: fc.Arbitrary<Statement> = fc.tuple(statementBody, hexOf(65)).map(([body, signature]) => ({ ...body, signature }))

describe('encodeStatement and decodeStatement', () => {
  it.each(vectors.valid)('write and read: $name', ({ statement, bytes }) => {
    expect(toHex(encodeStatement(statement))).toBe(bytes)
    expect(decodeStatement(fromHex(bytes))).toEqual(statement)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeStatement(fromHex(bytes))).name).toBe(error)
  })

  it('give back any statement, and never need more than 1 KiB', () => {
    fc.assert(fc.property(statement, (value) => {
      const bytes = encodeStatement(value)
      expect(decodeStatement(bytes)).toEqual(value)
      expect(bytes.byteLength).toBeLessThanOrEqual(statementBytesMax)
    }))
  })

  it('fit the longest value of every field into 966 bytes', () => {
    expect(Math.max(...vectors.valid.map(({ bytes }) => fromHex(bytes).byteLength))).toBe(966)
  })

  it('refuse changed bytes, or they are another statement', () => {
    fc.assert(fc.property(statement, mutations, (value, changes) => {
      const bytes = mutate(encodeStatement(value), changes)
      expect(again(bytes, decodeStatement, encodeStatement) ?? bytes).toEqual(bytes)
    }), { numRuns: 150 })
  })

  it('leave out what is no part of a statement or its task', () => {
    const { statement, bytes } = at(vectors.valid, 1)
    const more = { ...statement, more: 1, task: { ...statement.task, region: 'eu' } } as unknown as Statement
    expect(toHex(encodeStatement(more))).toBe(bytes)
    expect(verifyStatement(more).statement).toEqual(statement)
  })

  it.each([undefined, null, {}, 'x', { task: null }, { task: 'x' }, { kind: 1 }])('refuse to write %o', (value) => {
    expect(() => encodeStatement(value as unknown as Statement)).toThrow(InvalidStatementError)
    expect(() => verifyStatement(value as unknown as Statement)).toThrow(InvalidStatementError)
  })

  it('say which field is wrong, with its value', () => {
    const { statement } = at(vectors.valid, 0)
    expect(errorOf(() => encodeStatement({ ...statement, access: 'nobody' } as unknown as Statement)).message)
      .toBe('The statement is not valid: access is "nobody", which is not "anyone" or "restricted"')
  })
})

describe('verifyStatement', () => {
  it.each(vectors.valid)('finds the signer of: $name', ({ statement, signer }) => {
    expect(verifyStatement(statement)).toEqual({ statement, signer })
  })

  it.each(vectors.badSignatures)('refuses a signature: $name', ({ statement }) => {
    expect(() => verifyStatement(statement)).toThrow(InvalidStatementError)
  })

  it.each(vectors.otherSigners)('finds another signer: $name', ({ statement }) => {
    const { signer } = at(vectors.valid, 0)
    expect(verifyStatement(statement).signer).not.toBe(signer)
  })
})

describe('signStatement', () => {
  it('makes the statements that viem makes', async () => {
    for (const { statement: { signature, ...body } } of vectors.valid) {
      expect((await signStatement(body, sign)).signature).toBe(signature)
    }
  })

  it('makes statements that verify here and in viem', async () => {
    await fc.assert(fc.asyncProperty(statementBody, async ({ kind, root, answers, access, salt, time }) => {
      const signed = await signStatement({ kind, root, answers, access, salt, time }, sign)
      const { signer } = verifyStatement(decodeStatement(encodeStatement(signed)))
      expect(signer).toBe('0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266')
      const address = await recoverTypedDataAddress({
        domain: { name: 'cortensor-datanode', version: '1' },
        types: {
          Statement: ['string kind', 'bytes32 root', 'bytes32 answers', 'bytes32 task', 'string access', 'bytes32 salt', 'uint64 time'].map((field) => {
            const [type = '', name = ''] = field.split(' ')
            return { type, name }
          })
        },
        primaryType: 'Statement',
        message: { ...signed, task: `0x${'00'.repeat(32)}`, time: BigInt(signed.time) },
        signature: signed.signature
      })
      expect(address.toLowerCase()).toBe(signer)
    }), { numRuns: 10 })
  })

  it('refuses a signer that gives something else than a signature', async () => {
    const { statement } = at(vectors.valid, 0)
    const noPoint = Uint8Array.of(...new Uint8Array(64), 27)
    for (const bytes of [new Uint8Array(0), noPoint.subarray(1), noPoint, Uint8Array.of(0, ...noPoint)]) {
      await expect(signStatement(statement, () => Promise.resolve(bytes))).rejects.toThrow(InvalidStatementError)
    }
  })

  it('refuses a field that is not of its form before anything is signed', async () => {
    const { statement } = at(vectors.valid, 0)
    const asked: Uint8Array[] = []
    for (const change of [{ time: '01' }, { kind: 'a b' }, { access: 'nobody' }, { root: '0x00' }]) {
      const signing = signStatement({ ...statement, ...change } as Statement, (digest) => {
        asked.push(digest)
        return sign(digest)
      })
      await expect(signing).rejects.toThrow(InvalidStatementError)
    }
    expect(asked).toEqual([])
  })

  it('lets the error of a signer through as it is', async () => {
    const { statement } = at(vectors.valid, 0)
    const failure = new Error('the signer is away')
    await expect(signStatement(statement, () => Promise.reject(failure))).rejects.toBe(failure)
  })
})

describe('readStatement', () => {
  it.each(vectors.valid)('finds what is said, and who signed it: $name', ({ statement, signer, bytes }) => {
    expect(readStatement(fromHex(bytes))).toEqual({ statement, signer })
  })

  it.each(vectors.badSignatures)('refuses: $name', ({ statement }) => {
    expect(() => readStatement(encodeStatement(statement))).toThrow(InvalidStatementError)
  })
})
