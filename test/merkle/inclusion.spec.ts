import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidProofError, ProofMismatchError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { hashEntry } from '../../src/merkle/hashing.ts'
import { proveInclusion, verifyHashInclusion, verifyInclusion } from '../../src/merkle/inclusion.ts'
import { proofHashesMax } from '../../src/limits.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Inclusion } from '../../src/merkle/inclusion.ts'
import { Random } from '../faults/random.ts'
import { at, errorOf, readVectors } from '../format/vectors.ts'
import { corrupt, logOf, numberedLog } from './trees.ts'

const vectors = readVectors('merkle') as {
  entries: Hex[]
  roots: Hex[]
  inclusion: { index: number, size: number, proof: Hex[] }[]
  invalid: { inclusion: { name: string, entry: Hex, index: number, size: number, root: Hex, proof: Hex[], error: string }[] }
}
const small = logOf(vectors.entries.map(entry => fromHex(entry)))
const log = numberedLog(300)
const bytes = (hashes: readonly Hex[]): Uint8Array[] => hashes.map(hash => fromHex(hash))
const claim = ({ entries, trees }: Pick<typeof log, 'entries' | 'trees'>, index: number, size: number): Inclusion =>
  ({ entry: at(entries, index), index, tree: at(trees, size) })

describe('proveInclusion and verifyInclusion', () => {
  it.each(vectors.inclusion)('agree with Go on entry $index of $size', async ({ index, size, proof }) => {
    expect((await proveInclusion(index, size, small)).map(toHex)).toEqual(proof)
    expect(() => { verifyInclusion(claim(small, index, size), bytes(proof)) }).not.toThrow()
  })

  it.each(vectors.invalid.inclusion)('refuse: $name', ({ entry, index, size, root, proof, error }) => {
    expect(errorOf(() => { verifyInclusion({ entry: fromHex(entry), index, tree: { size, root: fromHex(root) } }, bytes(proof)) }).name).toBe(error)
  })

  it('prove every entry of a log of 140 in every later tree', { timeout: 120_000 }, async () => {
    for (let size = 1; size <= 140; size++) {
      for (let index = 0; index < size; index++) verifyInclusion(claim(log, index, size), await proveInclusion(index, size, log))
    }
  })

  it('refuse a proof once any hash of it is changed', { timeout: 120_000 }, async () => {
    for (const size of [1, 2, 3, 7, 8, 64, 65, 127]) {
      for (let index = 0; index < size; index++) await refusesAnyChange(index, size)
    }
    const seed = process.env['PROOF_SEED'] ?? '1'
    console.log(`PROOF_SEED=${seed}`)
    const random = new Random('proofs', seed)
    for (let n = 0; n < 200; n++) {
      const size = 1 + random.below(300)
      await refusesAnyChange(random.below(size), size)
    }
  })

  it('refuse a proof of another entry or of another tree', async () => {
    const proof = await proveInclusion(100, 200, log)
    for (const [index, size] of [[101, 200], [99, 200], [100, 199], [100, 201]] as const) {
      expect(errorOf(() => { verifyInclusion(claim(log, index, size), proof) })).toBeInstanceOf(ProofMismatchError)
    }
    expect(errorOf(() => { verifyInclusion(claim(log, 100, 300), proof) })).toBeInstanceOf(InvalidProofError)
    const tree = { size: 200, root: at(log.trees, 201).root }
    expect(errorOf(() => { verifyInclusion({ ...claim(log, 100, 200), tree }, proof) })).toBeInstanceOf(ProofMismatchError)
  })

  it('refuse a proof that is too long or empty before anything is hashed, and say how long it should be', () => {
    const long = Array.from({ length: 1_000_000 }, () => new Uint8Array(32))
    const error = errorOf(() => { verifyInclusion(claim(log, 100, 200), long) })
    expect(error).toBeInstanceOf(InvalidProofError)
    expect(error.message).toBe('Entry 100 of 200 needs a proof of 8 hashes; this one has 1000000')
    expect(error.details).toEqual({ expected: 8, actual: 1_000_000 })
    expect(errorOf(() => { verifyInclusion(claim(log, 100, 200), []) })).toBeInstanceOf(InvalidProofError)
  })

  it('need no more hashes in the largest tree than a proof may have', () => {
    const tree = { size: Number.MAX_SAFE_INTEGER, root: new Uint8Array(32) }
    expect(errorOf(() => { verifyInclusion({ entry: tree.root, index: 0, tree }, []) }).details['expected']).toBeLessThanOrEqual(proofHashesMax)
  })

  it('read the hashes of a proof with one call', async () => {
    log.asked.length = 0
    await proveInclusion(100, 300, log)
    expect(log.asked).toHaveLength(1)
  })

  it.each([[-1, 8], [0.5, 8], [0, -1], [0, 2 ** 53], ['0', 8]])('refuse to prove entry %o of %o', async (index, size) => {
    await expect(proveInclusion(index as number, size, small)).rejects.toThrow(InvalidArgumentError)
  })

  it.each([[8, 8], [0, 0]])('refuse to prove entry %i of %i, which is not there', async (index, size) => {
    await expect(proveInclusion(index, size, small)).rejects.toThrow(InvalidProofError)
  })

  it('refuse arguments of another type', () => {
    const proof = bytes(at(vectors.inclusion, 1).proof)
    for (const change of [{ entry: 'x' }, { index: '0' }, { tree: undefined }, { tree: { size: 2 } }]) {
      expect(() => { verifyInclusion({ ...claim(small, 0, 2), ...change } as unknown as Inclusion, proof) }).toThrow(InvalidArgumentError)
    }
  })
})

describe('verifyHashInclusion', () => {
  it('takes the hash of an entry in its place', async () => {
    const proof = await proveInclusion(5, 8, small)
    const { entry, ...rest } = claim(small, 5, 8)
    expect(() => { verifyHashInclusion(hashEntry(entry), rest, proof) }).not.toThrow()
    expect(() => { verifyHashInclusion(hashEntry(Uint8Array.of(1)), rest, proof) }).toThrow(ProofMismatchError)
    expect(() => { verifyHashInclusion(entry, rest, proof) }).toThrow(InvalidArgumentError)
  })
})

async function refusesAnyChange (index: number, size: number): Promise<void> {
  const proof = await proveInclusion(index, size, log)
  for (const changed of proof.keys()) {
    const wrong = proof.map((hash, at) => at === changed ? corrupt(hash) : hash)
    expect(errorOf(() => { verifyInclusion(claim(log, index, size), wrong) })).toBeInstanceOf(ProofMismatchError)
  }
}
