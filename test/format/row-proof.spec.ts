import { describe, expect, it } from 'vitest'
import { fromBase64, toBase64 } from '../../src/format/base64.ts'
import { decodeRowProof, encodeRowProof } from '../../src/format/row-proof.ts'
import { again, at, mutate, readVectors } from './vectors.ts'
import { mutations } from './arbitraries.ts'
import fc from 'fast-check'

const vectors = readVectors('row-proof') as { valid: { name: string, proof: string }[], invalid: { name: string, proof: string, error: string }[] }
const bytesOf = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array(0)
const proof = decodeRowProof(bytesOf(at(vectors.valid, 0).proof))

describe('encodeRowProof and decodeRowProof', () => {
  it.each(vectors.valid)('read and write: $name', ({ proof }) => {
    expect(toBase64(encodeRowProof(decodeRowProof(bytesOf(proof))))).toBe(proof)
  })

  it.each(vectors.invalid)('refuse: $name', ({ proof, error }) => {
    expect(() => decodeRowProof(bytesOf(proof))).toThrow(expect.objectContaining({ name: error }))
  })

  it('refuse changed bytes, or they are another proof', () => {
    fc.assert(fc.property(fc.constantFrom(...vectors.valid), mutations, ({ proof }, changes) => {
      const changed = mutate(bytesOf(proof), changes)
      expect(again(changed, decodeRowProof, encodeRowProof) ?? changed).toEqual(changed)
    }), { numRuns: 200 })
  })

  it('refuse more hashes than the largest tree needs', () => {
    const hashes = Array.from({ length: 55 }, () => new Uint8Array(32))
    expect(() => encodeRowProof({ ...proof, hashes })).toThrow('hashes is')
    expect(decodeRowProof(encodeRowProof({ ...proof, hashes: hashes.slice(1) })).hashes).toHaveLength(54)
  })
})
