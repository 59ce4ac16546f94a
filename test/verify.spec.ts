import { rolldown } from 'rolldown'
import { describe, expect, it } from 'vitest'
import { fromHex } from '../src/format/hex.ts'
import { readVectors } from './format/vectors.ts'
import type * as Verify from '../src/verify.ts'

const { valid: [first] } = readVectors('statement') as { valid: { bytes: string, signer: string }[] }

const { valid: [proof] } = readVectors('tlog-proof') as { valid: { bytes: string }[] }
const { signed: { valid: [signed] } } = readVectors('checkpoint') as { signed: { valid: [{ auditKey: Verify.AuditKey, address: Verify.Address, digest: string }] } }
const merkle = readVectors('merkle') as {
  entries: string[]
  roots: string[]
  consistency: { earlier: number, later: number, proof: string[] }[]
}

const bundle = async (): Promise<string> => {
  const build = await rolldown({ input: new URL('../src/verify.ts', import.meta.url).pathname, platform: 'browser', logLevel: 'silent' })
  try {
    const { output: [{ code }] } = await build.generate({ format: 'esm', minify: true })
    return code
  } finally {
    await build.close()
  }
}

describe('cortensor-datanode/verify', () => {
  it('is below 200 KB for a browser, and needs nothing of Node.js', async () => {
    const code = await bundle()
    expect(code.length).toBeLessThan(200_000)
    expect(code).not.toMatch(/from\s*["']|\bimport\s*["'(]|\brequire\s*\(|["'`]node:|\bBuffer\.|\bprocess\./)
  })

  it('verifies a statement where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await bundle())}`) as typeof Verify
    expect(module.verifyStatement(module.decodeStatement(fromHex(first?.bytes ?? ''))).signer).toBe(first?.signer)
  })

  it('verifies that a log has an entry and only grew, where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await bundle())}`) as typeof Verify
    const { index, hashes, note } = module.decodeTlogProof(fromHex(proof?.bytes ?? ''))
    const { checkpoint: tree, digest } = module.verifyCheckpoint(note, { auditKey: signed.auditKey, address: signed.address })
    expect(digest).toBe(signed.digest)
    const inclusion = { entry: fromHex(merkle.entries[index] ?? ''), index, tree }
    expect(() => { module.verifyInclusion(inclusion, hashes) }).not.toThrow()
    expect(() => { module.verifyInclusion({ ...inclusion, entry: fromHex(merkle.entries[0] ?? '') }, hashes) }).toThrow(module.ProofMismatchError)
    const { earlier = 0, proof: between = [] } = merkle.consistency.find(({ earlier, later }) => earlier === 5 && later === 8) ?? {}
    const grown = { earlier: { size: earlier, root: fromHex(merkle.roots[earlier] ?? '') }, later: tree }
    expect(() => { module.verifyConsistency(grown, between.map(hash => fromHex(hash))) }).not.toThrow()
  })
})
