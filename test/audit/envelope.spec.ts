import { expect, it } from 'vitest'
import { makeEnvelope } from '../../src/audit/envelope.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import { unpack } from './forge.ts'
import { readEnvelope } from '../../src/audit/read-envelope.ts'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'

const [, , all] = evidenceFiles

it('makes the envelope of a file again from what that says', async () => {
  const { blocks, root } = await unpack(all.file)
  const { cid, statement, logs, receipts } = await verifyEvidence(all.file)
  const { tree } = await readEnvelope(all.file, {})
  const proofs = await Promise.all(logs.map(async log => ({
    log, proof: await tree.bytes(`proofs/${log.address}.tlog-proof`), auditKey: await tree.bytes(`audit-keys/${log.address}.json`)
  })))
  const envelope = await makeEnvelope(blocks, { evidence: cid, statement, payload: 'all', proofs, receipts, delegations: [] })
  expect(envelope.root.toString()).toBe(root.toString())
  expect(await envelope.get(cid)).toEqual(await blocks.get(cid))
  const other = await makeEnvelope(blocks, { evidence: cid, statement, payload: 'none', proofs: [], receipts: [], delegations: [] })
  expect(other.root.toString()).not.toBe(root.toString())
})
