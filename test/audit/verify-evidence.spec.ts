import { describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'
import { ChainUnreachable, anchorOf } from './anchors.ts'
import { encodeAnchorReceipts } from '../../src/format/anchor-receipts.ts'
import { signDigest } from '../../src/format/address.ts'
import { encodeCanonicalJson } from '../../src/format/canonical-json.ts'
import { encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { encodeManifest } from '../../src/format/manifest.ts'
import { encodeStatement, signStatement } from '../../src/format/statement.ts'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { Random } from '../faults/random.ts'
import { evidenceFiles } from './evidence-vectors.ts'
import { forge, unpack } from './forge.ts'
import type { InvalidEvidenceError } from '../../src/errors.ts'
import type { EvidenceClaim } from '../../src/interface/evidence.ts'
import type { JsonObject } from '../../src/interface/primitives.ts'

const [none, outputs, all] = evidenceFiles
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const refusal = async (file: Uint8Array): Promise<InvalidEvidenceError> =>
  await verifyEvidence(file).then(() => { throw new Error('It was accepted') }, (error: unknown) => error as InvalidEvidenceError)
const claimsOf = (claims: readonly EvidenceClaim[], code: string): EvidenceClaim[] => claims.filter(claim => claim.code === code)

describe('verifyEvidence', () => {
  it.each(evidenceFiles)('finds $name whole, and says the same as before', async ({ file, claims, name, ...known }) => {
    const found = await verifyEvidence(file)
    expect(found.claims.map(({ code, subject, holds }) => ({ code, subject, holds }))).toEqual(claims)
    const { payload, signer, task, blocks } = known
    expect(found).toMatchObject({ ok: true, payload, signer, task, blocks, bytes: file.byteLength })
    expect(found.cid.toString()).toBe(known.evidence)
    expect(name).not.toBe('')
  })

  it('says in words what is proven and what is somebody\'s word', async () => {
    const { claims } = await verifyEvidence(all.file)
    expect(claimsOf(claims, 'time')).toMatchObject([{ holds: 'not-proven', words: expect.stringMatching(/^signed at 20\d\d-.*Z, as 0x[0-9a-f]{40} claims$/) as string }])
    expect(claimsOf(claims, 'anchor')).toMatchObject([{
      holds: 'not-proven',
      words: `anchored no later than block 123456789, at 2026-09-21T14:13:20Z, as its receipt says; not checked: give an anchor that reads eip155:421614:0x${'ae'.repeat(20)}`
    }])
    expect(claimsOf((await verifyEvidence(none.file)).claims, 'anchor')).toMatchObject([{ holds: 'not-proven', words: 'anchored nowhere, as far as the file says' }])
  })

  it.each([1, 7, 4096])('reads it in pieces of %d bytes as well', async size => {
    const pieces = Array.from({ length: Math.ceil(all.file.length / size) }, (_, i) => all.file.subarray(i * size, (i + 1) * size))
    expect((await verifyEvidence(pieces)).blocks).toBe(all.blocks)
    expect((await verifyEvidence(new Blob([new Uint8Array(all.file)]).stream())).ok).toBe(true)
  })

  it('refuses a file in which any one byte is another one, and says which claim fell', async () => {
    const random = new Random('flipped bytes', '1')
    const fallen = new Set<unknown>()
    for (const { file } of evidenceFiles) {
      const positions = new Set([...Array(120).keys(), ...Array.from({ length: 500 }, () => random.below(file.length)), file.length - 1])
      for (const at of positions) {
        const changed = Uint8Array.from(file)
        changed[at]! ^= 1 << random.below(8)
        const error = await refusal(changed)
        expect(error, `byte ${at}`).toMatchObject({ name: 'InvalidEvidenceError', details: { claim: expect.any(String) as string } })
        fallen.add(error.details['claim'])
      }
    }
    expect([...fallen].sort()).toEqual(['anchor', 'envelope', 'evidence', 'file', 'inclusion', 'result', 'statement', 'task', 'verdict'])
  }, 60_000)

  it('refuses a file that is cut off anywhere, and one with more behind it', async () => {
    for (let length = 0; length < none.file.length; length += 37) expect(await refusal(none.file.subarray(0, length))).toMatchObject({ name: 'InvalidEvidenceError' })
    const extra = text('extra')
    const section = encodeCarSectionHead(cidOfBlock(0x55, extra), extra.length)
    expect((await refusal(Buffer.concat([none.file, section, extra]))).message).toMatch(/goes on after its last block/)
    expect(await refusal(Buffer.concat([none.file, new Uint8Array(1)]))).toMatchObject({ details: { claim: 'file' } })
  })

  it('refuses a payload that is missing, and one that was not announced', async () => {
    const announce = (payload: 'none' | 'outputs' | 'all'): Uint8Array =>
      encodeManifest({ format: 'cortensor-bundle', version: '1.0', kind: 'evidence-export', evidence: all.evidence, payload })
    const honest = await forge(all.file, { envelope: { 'manifest.json': announce('outputs') } })
    expect((await verifyEvidence(honest)).payload).toBe('outputs')
    const lied = Buffer.from(honest.map(byte => byte))
    expect((await refusal(lied.subarray(0, none.file.length))).name).toBe('InvalidEvidenceError')
    const { root } = await unpack(await forge(all.file, { envelope: { 'manifest.json': announce('none') } }))
    expect(root.toString()).not.toBe((await unpack(all.file)).root.toString())
  })

  it.each([
    ['another entry', { 'more/x.json': text('{}') }, 'envelope'],
    ['a delegation of nobody', { 'delegations/x.json': text('{}') }, 'delegation'],
    ['no statement', { 'statement.json': undefined }, 'statement'],
    ['a statement that is none', { 'statement.json': text('{}') }, 'statement'],
    ['receipts that are none', { 'anchors.json': text('{}') }, 'anchor'],
    ['no list of receipts', { 'anchors.json': undefined }, 'anchor'],
    ['a receipt of no checkpoint of it', {
      'anchors.json': encodeAnchorReceipts([{ digest: `0x${'11'.repeat(32)}`, anchor: 'x', blockNumber: '1', blockHash: `0x${'22'.repeat(32)}`, time: '3' }])
    }, 'anchor'],
    ['a proof of nobody', { 'proofs/x.tlog-proof': text('x') }, 'inclusion'],
    ['a proof that is none', { [`proofs/${all.signer}.tlog-proof`]: text('x') }, 'inclusion'],
    ['an audit key of no log', { 'audit-keys/x.json': text('{}') }, 'inclusion'],
    ['a proof without its key', { [`audit-keys/${all.signer}.json`]: undefined }, 'inclusion'],
    ['a key without its proof', { [`proofs/${all.signer}.tlog-proof`]: undefined, 'anchors.json': text('[]') }, 'inclusion']
  ] as const)('refuses an envelope that was put together with %s', async (_, envelope, claim) => {
    expect(await refusal(await forge(all.file, { envelope }))).toMatchObject({ name: 'InvalidEvidenceError', details: { claim } })
  })

  it('refuses the statement of the same signer about something else', async () => {
    const { statement } = await verifyEvidence(all.file)
    const about = async (change: object): Promise<Uint8Array> => {
      const signed = await signStatement({ ...statement, ...change }, async digest => signDigest(digest, new Uint8Array(32).fill(3)))
      return await forge(all.file, { envelope: { 'statement.json': encodeStatement(signed) } })
    }
    for (const change of [{ root: `0x${'00'.repeat(32)}` }, { kind: 'result' }, { answers: `0x${'00'.repeat(32)}` }, { task: { ...statement.task, taskId: '1' } }]) {
      expect(await refusal(await about(change))).toMatchObject({ details: { claim: 'statement' } })
    }
    expect(await refusal(await about({ salt: `0x${'01'.repeat(32)}` }))).toMatchObject({ details: { claim: 'inclusion' } })
    // A log has digests of what is signed, and not signatures: whose word it is only the signature says.
    const { signer, claims } = await verifyEvidence(await about({}))
    expect(signer).not.toBe(all.signer)
    expect(claimsOf(claims, 'inclusion')[0]?.words).toMatch(/another node's log, and not that of whoever signed it$/)
  })

  it('names whoever signed other evidence, which no log has', async () => {
    const found = await verifyEvidence(await forge(all.file, { evidence: { 'more.txt': text('more') } }))
    expect(found.signer).not.toBe(all.signer)
    expect(claimsOf(found.claims, 'inclusion')).toMatchObject([{ holds: 'not-proven' }])
  })

  it.each([
    ['no verdicts', { 'verdicts.json': undefined }, 'verdict'],
    ['verdicts that are none', { 'verdicts.json': text('{}') }, 'verdict'],
    ['no task', { task: undefined }, 'task'],
    ['no manifest', { 'manifest.json': undefined }, 'evidence'],
    ['a statement that is none', { [`statements/${all.signer}.json`]: text('{}') }, 'result'],
    ['a statement of nobody', { 'statements/x.json': text('{}') }, 'result'],
    ['a result of nobody', { 'results/x': text('{}') }, 'result']
  ] as const)('refuses evidence with %s', async (_, evidence, claim) => {
    expect(await refusal(await forge(all.file, { evidence }))).toMatchObject({ name: 'InvalidEvidenceError', details: { claim } })
  })

  it('refutes verdicts that the evidence does not bear out, one by one', async () => {
    const { verdicts, agreements } = await verifyEvidence(all.file)
    const said = verdicts.map((verdict, at) => at === 0 ? { ...verdict, status: 'unsigned' } : at === 3 ? { ...verdict, status: 'ok' } : verdict)
    const json = encodeCanonicalJson({ verdicts: said, agreements } as unknown as JsonObject)
    const found = await verifyEvidence(await forge(all.file, { evidence: { 'verdicts.json': json } }))
    expect(found.ok).toBe(false)
    expect(claimsOf(found.claims, 'verdict').map(({ holds }) => holds)).toEqual(['refuted', 'proven', 'proven', 'refuted', 'proven', 'not-proven'])
    expect(claimsOf(found.claims, 'agreement')).toMatchObject([{ holds: 'refuted' }])
  })

  it('checks receipts where they say that they are from, when it is told where to ask', async () => {
    const { receipts: [receipt] } = await verifyEvidence(all.file)
    const holds = async (anchor: object): Promise<string[]> =>
      claimsOf((await verifyEvidence(all.file, { anchors: [anchorOf(receipt!.anchor, anchor)] })).claims, 'anchor').map(({ holds, words }) => `${holds}: ${words}`)
    expect(await holds({ found: receipt })).toEqual([expect.stringMatching(/^proven: anchored no later than block 123456789/) as string])
    expect(await holds({ found: undefined })).toEqual([expect.stringMatching(/^refuted: .* has no checkpoint/) as string])
    expect(await holds({ found: { ...receipt, blockNumber: '999999999' } })).toEqual([expect.stringMatching(/^refuted: .* since block 999999999/) as string])
    expect(await holds({ fails: new ChainUnreachable('nobody answers') })).toEqual([expect.stringMatching(/not checked: nobody answers$/) as string])
  })

  it('refuses what is no file, and ends with the reason of its signal', async () => {
    await expect(verifyEvidence('x' as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(verifyEvidence([5] as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(verifyEvidence(none.file, { anchors: [{}] as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    const reason = new Error('enough')
    await expect(verifyEvidence(outputs.file, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    const controller = new AbortController()
    const silent = { [Symbol.asyncIterator]: () => ({ next: async () => { controller.abort(reason); return await new Promise<never>(() => {}) } }) }
    await expect(verifyEvidence(silent, { signal: controller.signal })).rejects.toBe(reason)
  })
})
