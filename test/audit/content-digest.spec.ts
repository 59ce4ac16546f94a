import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../src/audit/content-digest.ts'
import { miner, resultOf } from './fixtures.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'

describe('contentDigest', () => {
  it('is equal for equal outputs under different roots', async () => {
    expect(await contentDigest(resultOf(miner(1), 'a'))).toBe(await contentDigest(resultOf(miner(2), 'b')))
  })

  it('differs when the output differs', async () => {
    expect(await contentDigest(resultOf(miner(1), 'a'))).not.toBe(await contentDigest(resultOf(miner(1), 'a', { output: 'other' })))
  })

  it('is refused where there is no answer: those who say nothing do not agree', async () => {
    const empty = { ...resultOf(miner(1), 'a'), files: async function* () { yield* await Promise.resolve([]) } } as unknown as ResultBundle
    await expect(contentDigest(empty)).rejects.toMatchObject({ name: 'FileNotFoundError' })
  })
})
