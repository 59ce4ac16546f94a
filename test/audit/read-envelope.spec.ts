import { describe, expect, it } from 'vitest'
import { readEnvelope } from '../../src/audit/read-envelope.ts'
import { encodeManifest } from '../../src/format/manifest.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import { forge } from './forge.ts'

const [none, , all] = evidenceFiles

describe('readEnvelope', () => {
  it('reads what is in it, by path', async () => {
    const { tree, manifest, blocks, bytes } = await readEnvelope(none.file, {})
    expect({ manifest, blocks, bytes }).toMatchObject({ manifest: { payload: 'none', evidence: none.evidence }, blocks: none.blocks, bytes: none.file.length })
    expect([...(await tree.entries('')).keys()]).toEqual(['anchors.json', 'audit-keys', 'evidence', 'manifest.json', 'proofs', 'statement.json'])
    expect((await tree.cid('evidence')).toString()).toBe(none.evidence)
    expect((await tree.manifest('evidence/task')).kind).toBe('task')
    expect(await tree.entriesIfAny('delegations')).toEqual(new Map())
  })

  it('says which claim falls with what is not there', async () => {
    const { tree } = await readEnvelope(none.file, {})
    await expect(tree.bytes('evidence/task/prompt.json')).rejects.toMatchObject({ details: { claim: 'task' } })
    await expect(tree.bytes('proofs')).rejects.toMatchObject({ details: { claim: 'inclusion' }, cause: { name: 'FileNotFoundError' } })
    await expect(tree.entries('statement.json')).rejects.toMatchObject({ details: { claim: 'statement' } })
    await expect(tree.bytes('statement.json', 5)).rejects.toMatchObject({ cause: { name: 'LimitExceededError' } })
  })

  it('refuses a bundle of another kind', async () => {
    const manifest = encodeManifest({ format: 'cortensor-bundle', version: '1.0', kind: 'other' })
    await expect(readEnvelope(await forge(all.file, { envelope: { 'manifest.json': manifest } }), {})).rejects.toMatchObject({ name: 'InvalidEvidenceError', details: { claim: 'envelope' } })
  })
})
