import { describe, expect, it } from 'vitest'
import { contentDigest } from '../../src/audit/content-digest.ts'
import { miner, resultOf } from './fixtures.ts'

describe('contentDigest', () => {
  it('is equal for equal outputs under different roots', async () => {
    expect(await contentDigest(resultOf(miner(1), 'a'))).toBe(await contentDigest(resultOf(miner(2), 'b')))
  })

  it('differs when the output differs', async () => {
    expect(await contentDigest(resultOf(miner(1), 'a'))).not.toBe(await contentDigest(resultOf(miner(1), 'a', { output: 'other' })))
  })
})
