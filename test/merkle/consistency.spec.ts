import { describe, expect, it } from 'vitest'
import { InvalidArgumentError, InvalidProofError, ProofMismatchError, SmallerTreeError } from '../../src/errors.ts'
import { fromHex, toHex } from '../../src/format/hex.ts'
import { proveConsistency, verifyConsistency } from '../../src/merkle/consistency.ts'
import { proofHashesMax } from '../../src/limits.ts'
import type { Hex } from '../../src/interface/primitives.ts'
import type { Consistency } from '../../src/merkle/consistency.ts'
import { Random } from '../faults/random.ts'
import { at, errorOf, readVectors } from '../format/vectors.ts'
import { corrupt, logOf, numberedEntry, numberedLog } from './trees.ts'

interface HeadJson {
  size: number
  root: Hex
}

const vectors = readVectors('merkle') as {
  entries: Hex[]
  consistency: { earlier: number, later: number, proof: Hex[] }[]
  invalid: { consistency: { name: string, earlier: HeadJson, later: HeadJson, proof: Hex[], error: string }[] }
}
const small = logOf(vectors.entries.map(entry => fromHex(entry)))
const log = numberedLog(300)
const bytes = (hashes: readonly Hex[]): Uint8Array[] => hashes.map(hash => fromHex(hash))
const head = ({ size, root }: HeadJson): Consistency['earlier'] => ({ size, root: fromHex(root) })
const claim = ({ trees }: Pick<typeof log, 'trees'>, earlier: number, later: number): Consistency => ({ earlier: at(trees, earlier), later: at(trees, later) })

describe('proveConsistency and verifyConsistency', () => {
  it.each(vectors.consistency)('agree with Go on $later entries after $earlier', async ({ earlier, later, proof }) => {
    expect((await proveConsistency(earlier, later, small)).map(toHex)).toEqual(proof)
    expect(() => { verifyConsistency(claim(small, earlier, later), bytes(proof)) }).not.toThrow()
  })

  it.each(vectors.invalid.consistency)('refuse: $name', ({ earlier, later, proof, error }) => {
    expect(errorOf(() => { verifyConsistency({ earlier: head(earlier), later: head(later) }, bytes(proof)) }).name).toBe(error)
  })

  it('prove every tree of a log of 140 in every later one', { timeout: 120_000 }, async () => {
    for (let later = 0; later <= 140; later++) {
      for (let earlier = 0; earlier <= later; earlier++) verifyConsistency(claim(log, earlier, later), await proveConsistency(earlier, later, log))
    }
  })

  it('refuse a proof once any hash of it is changed', { timeout: 120_000 }, async () => {
    for (const later of [2, 3, 7, 8, 64, 65, 127]) {
      for (let earlier = 1; earlier < later; earlier++) await refusesAnyChange(earlier, later)
    }
    const seed = process.env['PROOF_SEED'] ?? '1'
    console.log(`PROOF_SEED=${seed}`)
    const random = new Random('consistency', seed)
    for (let n = 0; n < 200; n++) {
      const later = 2 + random.below(299)
      await refusesAnyChange(1 + random.below(later - 1), later)
    }
  })

  it('refuse a log of which one entry was changed', async () => {
    const entries = Array.from({ length: 130 }, (_, index) => numberedEntry(index === 40 ? 1_000 : index))
    const forked = logOf(entries)
    for (const earlier of [41, 64, 100, 128]) {
      const claimed = { earlier: at(log.trees, earlier), later: at(forked.trees, 130) }
      expect(() => { verifyConsistency(claimed, []) }).toThrow(InvalidProofError)
      for (const from of [log, forked]) {
        const proof = await proveConsistency(earlier, 130, from)
        expect(() => { verifyConsistency(claimed, proof) }).toThrow(ProofMismatchError)
      }
    }
    const before = { earlier: at(log.trees, 40), later: at(forked.trees, 130) }
    const proof = await proveConsistency(40, 130, forked)
    expect(() => { verifyConsistency(before, proof) }).not.toThrow()
  })

  it('refuse a tree that is smaller than the one before it, and name both sizes', async () => {
    const error = errorOf(() => { verifyConsistency(claim(log, 200, 100), []) })
    expect(error).toBeInstanceOf(SmallerTreeError)
    expect(error.message).toBe('A tree of 100 entries cannot continue one of 200: its log went back')
    expect(error.details).toEqual({ earlier: 200, later: 100 })
    await expect(proveConsistency(200, 100, log)).rejects.toThrow(SmallerTreeError)
  })

  it('refuse a proof that is too long or empty, and say how long it should be', () => {
    const error = errorOf(() => { verifyConsistency(claim(log, 100, 200), Array.from({ length: 1_000_000 }, () => new Uint8Array(32))) })
    expect(error).toBeInstanceOf(InvalidProofError)
    expect(error.message).toBe('A tree of 200 entries that continues one of 100 needs a proof of 7 hashes; this one has 1000000')
    expect(errorOf(() => { verifyConsistency(claim(log, 100, 200), []) })).toBeInstanceOf(InvalidProofError)
  })

  it('need no more hashes in the largest tree than a proof may have', () => {
    const root = new Uint8Array(32)
    for (const size of [1, 2 ** 52 - 1, 2 ** 52 + 1, Number.MAX_SAFE_INTEGER - 1]) {
      const error = errorOf(() => { verifyConsistency({ earlier: { size, root }, later: { size: Number.MAX_SAFE_INTEGER, root } }, []) })
      expect(error.details['expected']).toBeLessThanOrEqual(proofHashesMax)
    }
  })

  it('need no proof from the empty tree, and none where nothing came', async () => {
    for (const [earlier, later] of [[0, 0], [0, 300], [300, 300]] as const) {
      log.asked.length = 0
      expect(await proveConsistency(earlier, later, log)).toEqual([])
      expect(log.asked).toEqual([])
    }
  })

  it.each([[-1, 8], [0, 2 ** 53], [0.5, 8]])('refuse to prove %o in %o', async (earlier, later) => {
    await expect(proveConsistency(earlier, later, small)).rejects.toThrow(InvalidArgumentError)
  })

  it('refuse arguments of another type', () => {
    for (const change of [{ earlier: undefined }, { later: { size: 8, root: 'x' } }, { earlier: { size: '6', root: new Uint8Array(32) } }]) {
      expect(() => { verifyConsistency({ ...claim(small, 6, 8), ...change } as unknown as Consistency, []) }).toThrow(InvalidArgumentError)
    }
  })
})

async function refusesAnyChange (earlier: number, later: number): Promise<void> {
  const proof = await proveConsistency(earlier, later, log)
  for (const changed of proof.keys()) {
    const wrong = proof.map((hash, at) => at === changed ? corrupt(hash) : hash)
    expect(errorOf(() => { verifyConsistency(claim(log, earlier, later), wrong) })).toBeInstanceOf(ProofMismatchError)
  }
}
