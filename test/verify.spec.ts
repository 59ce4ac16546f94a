import { describe, expect, it } from 'vitest'
import { fromHex } from '../src/format/hex.ts'
import { evidenceFiles } from './audit/evidence-vectors.ts'
import { readVectors } from './format/vectors.ts'
import { browserBundle } from './support/browser-bundle.ts'
import type { Address, Hex } from '../src/interface/primitives.ts'
import type * as Verify from '../src/verify.ts'

const { valid: [first] } = readVectors('statement') as { valid: { bytes: string, signer: string }[] }

const { valid: [proof] } = readVectors('tlog-proof') as { valid: { bytes: string }[] }
const { signed: { valid: [signed] } } = readVectors('checkpoint') as { signed: { valid: [{ auditKey: Verify.AuditKey, address: Verify.Address, digest: string }] } }
const merkle = readVectors('merkle') as {
  entries: string[]
  roots: string[]
  consistency: { earlier: number, later: number, proof: string[] }[]
}

const [delegated] = (readVectors('delegation') as { valid: { bytes: Hex, wallet: Address }[] }).valid

describe('cortensor-datanode/verify', () => {
  it('is below 200 KB for a browser, and needs nothing of Node.js', async () => {
    const code = await browserBundle()
    expect(code.length).toBeLessThan(200_000)
    expect(code).not.toMatch(/from\s*["']|\bimport\s*["'(]|\brequire\s*\(|["'`]node:|\bBuffer\.|\bprocess\./)
  })

  it('verifies a statement where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await browserBundle())}`) as typeof Verify
    expect(module.verifyStatement(module.decodeStatement(fromHex(first?.bytes ?? ''))).signer).toBe(first?.signer)
  })

  it('finds as whose a statement counts where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await browserBundle())}`) as typeof Verify
    const { delegation, wallet } = module.verifyDelegation(module.decodeDelegation(fromHex(delegated?.bytes ?? '')))
    const { statement } = module.verifyStatement(module.decodeStatement(fromHex(first?.bytes ?? '')))
    const signers = module.signersOf({ statement: { ...statement, time: delegation.time }, signer: delegation.node }, [{ delegation, wallet }])
    expect(signers).toEqual([delegation.node, delegated?.wallet])
  })

  it('verifies that a log has an entry and only grew, where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await browserBundle())}`) as typeof Verify
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

  it('verifies evidence, and refuses it with one byte changed, where there is nothing but the bundle', async () => {
    const module = await import(`data:text/javascript,${encodeURIComponent(await browserBundle())}`) as typeof Verify
    const { file, signer } = evidenceFiles[1]
    expect(await module.verifyEvidence(file)).toMatchObject({ ok: true, signer })
    const changed = Uint8Array.from(file)
    changed[500]! ^= 1
    await expect(module.verifyEvidence(changed)).rejects.toBeInstanceOf(module.InvalidEvidenceError)
  })
})
