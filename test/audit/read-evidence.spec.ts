import { expect, it } from 'vitest'
import { readEnvelope } from '../../src/audit/read-envelope.ts'
import { readEvidence } from '../../src/audit/read-evidence.ts'
import { encodeManifest, decodeManifest } from '../../src/format/manifest.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import { forge } from './forge.ts'
import type { Change } from './forge.ts'
import type { ReadEvidence } from '../../src/audit/read-evidence.ts'
import type { EvidenceManifest } from '../../src/interface/manifest.ts'

const [none, , all] = evidenceFiles
const read = async (evidence: Change): Promise<ReadEvidence> => await readEvidence((await readEnvelope(await forge(all.file, { evidence }), {})).tree)
const { tree } = await readEnvelope(none.file, {})
const manifest = decodeManifest(await tree.bytes('evidence/manifest.json')) as EvidenceManifest

it('reads task, results with their content digests, statements and verdicts', async () => {
  const { task, results, statements, found, manifest: { answers } } = await readEvidence(tree)
  expect(task.cid.toString()).toBe(answers)
  expect([...results.values()].map(({ content, manifest: { miner } }) => [content !== undefined, miner.length])).toEqual(Array(4).fill([true, 42]))
  expect([...statements.values()].map(({ accepted, others }) => [accepted !== undefined, others.length]).sort())
    .toEqual([[false, 1], [false, 1], [true, 0], [true, 0], [true, 0]])
  expect(found.verdicts).toHaveLength(6)
})

it.each<[string, Change, string]>([
  ['about another task bundle than it links', { 'manifest.json': encodeManifest({ ...manifest, answers: all.evidence }) }, 'task'],
  ['about a task of another session', { 'manifest.json': encodeManifest({ ...manifest, task: { ...manifest.task, sessionId: '8' } }) }, 'task'],
  ['of another kind', { 'manifest.json': encodeManifest({ ...manifest, kind: 'note' } as never) }, 'evidence']
])('refuses evidence %s', async (_, change, claim) => {
  await expect(read(change)).rejects.toMatchObject({ name: 'InvalidEvidenceError', details: { claim } })
})

it('refuses what is of a miner on whom there is no verdict, and what is no result', async () => {
  const { task, results, statements } = await readEvidence(tree)
  const stranger = `0x${'99'.repeat(20)}`
  const [[, result] = []] = results
  await expect(read({ [`results/${stranger}`]: result!.cid })).rejects.toMatchObject({ details: { claim: 'result' } })
  await expect(read({ [`results/${stranger}`]: task.cid })).rejects.toMatchObject({ message: expect.stringMatching(/is of kind task/) as string })
  expect(statements.has(stranger as never)).toBe(false)
})
