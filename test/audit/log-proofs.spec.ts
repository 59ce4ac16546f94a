import { describe, expect, it } from 'vitest'
import { checkLogProof, checkLogProofs } from '../../src/audit/log-proofs.ts'
import { readEnvelope } from '../../src/audit/read-envelope.ts'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'
import { evidenceFiles } from './evidence-vectors.ts'

const [, , all] = evidenceFiles
const { statement } = await verifyEvidence(all.file)
const { tree } = await readEnvelope(all.file, {})
const given = { proof: await tree.bytes(`proofs/${all.signer}.tlog-proof`), auditKey: await tree.bytes(`audit-keys/${all.signer}.json`) }

describe('checkLogProof', () => {
  it('says which log has the statement, and what is anchored of it', () => {
    expect(checkLogProof(statement, given).log).toMatchObject({ address: all.signer, index: 0, digest: expect.stringMatching(/^0x[0-9a-f]{64}$/) as string })
  })

  it('refuses the proof of another statement', () => {
    expect(() => checkLogProof({ ...statement, time: '1' }, given)).toThrow(expect.objectContaining({ name: 'ProofMismatchError' }))
  })
})

describe('checkLogProofs', () => {
  it('says which of those that a host gave is wrong, and why', () => {
    expect(() => checkLogProofs({ ...statement, time: '1' }, [given])).toThrow(/^proofs\[0\] does not prove that a log has the statement/)
    expect(() => checkLogProofs(statement, [given, given])).toThrow(/two of logs of/)
    expect(() => checkLogProofs(statement, Array(65).fill(given))).toThrow(expect.objectContaining({ name: 'LimitExceededError' }))
    expect(() => checkLogProofs(statement, {})).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }))
    expect(checkLogProofs(statement, [])).toEqual([])
  })
})
