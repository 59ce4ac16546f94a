import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidNoteError, InvalidProofError, LimitExceededError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { decodeTlogProof, encodeTlogProof } from '../../src/format/tlog-proof.ts'
import { noteBytesMax, proofBytesMax, proofHashesMax } from '../../src/limits.ts'
import type { TlogProof } from '../../src/format/tlog-proof.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import { mutations } from './arbitraries.ts'
import { again, at, errorOf, mutate, readVectors } from './vectors.ts'

interface ProofJson {
  extra?: Hex
  index: number
  hashes: Hex[]
  note: { text: string, signatures: { name: string, keyId: number, signature: Hex }[] }
}

const vectors = readVectors('tlog-proof') as {
  valid: { name: string, proof: ProofJson, bytes: Hex }[]
  invalid: { name: string, bytes: Hex, error: string }[]
}

const cases = vectors.valid.map(({ name, proof: { extra, index, hashes, note }, bytes }) => ({
  name,
  bytes,
  proof: {
    ...(extra === undefined ? {} : { extra: fromHex(extra) }),
    index,
    hashes: hashes.map(hash => fromHex(hash)),
    note: { ...note, signatures: note.signatures.map(({ signature, ...key }) => ({ ...key, signature: fromHex(signature) })) }
  } satisfies TlogProof
}))
const { proof } = at(cases, 0)

describe('encodeTlogProof and decodeTlogProof', () => {
  it.each(cases)('write and read: $name', ({ proof, bytes }) => {
    expect(toHex(encodeTlogProof(proof))).toBe(bytes)
    expect(decodeTlogProof(fromHex(bytes))).toEqual(proof)
  })

  it.each(vectors.invalid)('refuse: $name', ({ bytes, error }) => {
    expect(errorOf(() => decodeTlogProof(fromHex(bytes))).name).toBe(error)
  })

  it('refuse changed bytes, or they are another proof', () => {
    fc.assert(fc.property(fc.constantFrom(...vectors.valid), mutations, ({ bytes }, changes) => {
      const changed = mutate(fromHex(bytes), changes)
      expect(again(changed, decodeTlogProof, encodeTlogProof) ?? changed).toEqual(changed)
    }), { numRuns: 150 })
  })

  it('take the largest note with all that a proof may have beside it, and refuse more before they read it', () => {
    const rest = new TextEncoder().encode(proof.note.signatures.map(({ name }) => `\n— ${name} ${'a'.repeat(92)}\n`).join('')).length
    const largest = {
      extra: new Uint8Array(4096), index: Number.MAX_SAFE_INTEGER, hashes: Array.from({ length: proofHashesMax }, () => new Uint8Array(32)),
      note: { ...proof.note, text: `${'a'.repeat(noteBytesMax - rest - 1)}\n` }
    }
    const bytes = encodeTlogProof(largest)
    expect(bytes.length).toBeLessThanOrEqual(proofBytesMax)
    expect(bytes.length).toBeGreaterThan(noteBytesMax)
    expect(decodeTlogProof(bytes)).toEqual(largest)
    expect(errorOf(() => decodeTlogProof(new Uint8Array(proofBytesMax + 1))).name).toBe('LimitExceededError')
    expect(errorOf(() => decodeTlogProof(new Uint8Array(proofBytesMax))).name).toBe('InvalidProofError')
  })

  it.each([
    { index: -1 }, { index: 0.5 }, { index: 2 ** 53 }, { index: '5' }, { hashes: 'x' }, { hashes: [new Uint8Array(31)] }, { hashes: [undefined] }, { hashes: new Array(1) },
    { extra: new Uint8Array(0) }, { extra: 'x' }
  ])('refuse to write %o', (change) => {
    expect(() => encodeTlogProof({ ...proof, ...change } as unknown as TlogProof)).toThrow(InvalidProofError)
  })

  it('refuse to write more than is read', () => {
    const hashes = Array.from({ length: proofHashesMax + 1 }, () => new Uint8Array(32))
    expect(() => encodeTlogProof({ ...proof, hashes })).toThrow(LimitExceededError)
    expect(() => encodeTlogProof({ ...proof, extra: new Uint8Array(4097) })).toThrow(LimitExceededError)
    expect(() => encodeTlogProof({ ...proof, note: { text: 'a', signatures: [] } })).toThrow(InvalidNoteError)
  })

  it.each([undefined, null, 'x'])('refuse %o', (value) => {
    expect(() => encodeTlogProof(value as unknown as TlogProof)).toThrow(InvalidArgumentError)
    expect(() => decodeTlogProof(value as unknown as Uint8Array)).toThrow(InvalidArgumentError)
  })
})
