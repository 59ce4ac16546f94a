import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/audit/verify-evidence.ts'
import { CarDecoder } from '../../src/format/car.ts'
import { createDataNode } from '../../src/index.ts'
import { carPieceBytesMin } from '../../src/limits.ts'
import { exported, judgedTask } from './exported.ts'
import { FakeAnchor } from './fake-anchor.ts'
import type { Judged } from './exported.ts'
import type { TaskBundle } from '../../src/interface/bundle.ts'
import type { ExportEvidenceOptions } from '../../src/interface/evidence.ts'

describe('exportEvidence', () => {
  let judged: Judged

  beforeAll(async () => { judged = await judgedTask() }, 60_000)
  afterAll(async () => { await judged[Symbol.asyncDispose]() })

  const refusal = async (options: object, ref = judged.evidence.urn): Promise<Error> =>
    await exported(judged.oracle, ref, options).then(() => { throw new Error('It was accepted') }, (error: unknown) => error as Error)

  it.each(['none', 'outputs', 'all'] as const)('writes the same file each time, with %s of what it links', async payload => {
    const { oracle, evidence } = judged
    const file = await exported(oracle, evidence.urn, { payload })
    expect(Buffer.from(file).equals(await exported(oracle, evidence.cid.toString(), { payload }))).toBe(true)
    const verified = await verifyEvidence(file)
    expect(verified).toMatchObject({ ok: true, payload, signer: oracle.address, digest: evidence.digest, logs: [{ address: oracle.address }] })
  })

  it('begins with what is needed to check it, and then has what the miners answered, and then the rest', async () => {
    const { oracle, evidence, task, results, miners } = judged
    const cids = async (payload: 'none' | 'outputs' | 'all'): Promise<string[]> =>
      new CarDecoder().push(await exported(oracle, evidence.urn, { payload })).map(({ cid }) => cid.toString())
    const [none, outputs, all] = [await cids('none'), await cids('outputs'), await cids('all')]
    for (const list of [none, outputs, all]) expect(new Set(list).size).toBe(list.length)
    const [checked, answers] = [none.length, outputs.length]
    expect(outputs.slice(0, checked).filter(cid => none.includes(cid)).length).toBeGreaterThan(checked - 5)
    const cidAt = async (bundle: typeof task | undefined, path: string): Promise<string> =>
      (await Array.fromAsync(bundle!.files(path))).at(0)?.cid.toString() ?? ''
    const output = await cidAt(results.get(miners.first) as never, 'output.json')
    const prompt = await cidAt(task, 'prompt.json')
    expect([none.includes(output), outputs.includes(output), all.includes(output)]).toEqual([false, true, true])
    expect([none.includes(prompt), outputs.includes(prompt), all.includes(prompt)]).toEqual([false, false, true])
    expect(all.length).toBeGreaterThan(answers)
  })

  it('writes pieces of at least 64 KiB but for the last', async () => {
    const pieces = await Array.fromAsync(judged.oracle.exportEvidence(judged.evidence.urn, { payload: 'all' }))
    expect(pieces.slice(0, -1).every(({ byteLength }) => byteLength >= carPieceBytesMin)).toBe(true)
    expect(pieces.length).toBeGreaterThan(2)
  })

  it('is a bundle that nodes import, and plain tools list', async () => {
    const { miners, oracle, evidence } = judged
    await using imported = await miners.first.importCar([await exported(oracle, evidence.urn, { payload: 'all' })])
    expect(imported.manifest?.kind).toBe('evidence-export')
    const paths = (await Array.fromAsync(imported.files())).map(({ path }) => path)
    expect(paths).toEqual(expect.arrayContaining([
      'manifest.json', 'statement.json', 'anchors.json', `proofs/${oracle.address}.tlog-proof`, `audit-keys/${oracle.address}.json`, 'evidence/verdicts.json'
    ]))
  })

  it('keeps the proof that was anchored, however far the log has grown since', async () => {
    const { oracle, evidence, task } = judged
    const proof = await oracle.audit.proveInclusion(evidence.statements[0]!.statement)
    const { auditKey } = await oracle.audit.checkpoint()
    await oracle.publishTaskBundle({ session: task.manifest.session, prompt: 'another' }, { readers: 'anyone' })
    const { logs: [grown] } = await verifyEvidence(await exported(oracle, evidence.urn))
    const { logs: [kept] } = await verifyEvidence(await exported(oracle, evidence.urn, { proofs: [{ proof, auditKey }] }))
    expect(grown!.size).toBeGreaterThan(kept!.size)
    const receipt = { digest: kept!.digest, anchor: 'test', blockNumber: '1', blockHash: `0x${'22'.repeat(32)}`, time: '3' } as const
    const options: ExportEvidenceOptions = { proofs: [{ proof, auditKey }], receipts: [receipt, receipt] }
    expect((await verifyEvidence(await exported(oracle, evidence.urn, options))).receipts).toEqual([receipt])
    expect(await refusal({ receipts: [receipt] })).toMatchObject({ name: 'InvalidArgumentError', message: expect.stringMatching(/give the proof/) as string })
    expect(await refusal({ proofs: [{ proof, auditKey }, { proof, auditKey }] })).toMatchObject({ name: 'InvalidArgumentError' })
    expect(await refusal({ proofs: [{ proof: proof.subarray(1), auditKey }] })).toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('proves it under the checkpoint that a receipt is of, however far the log has grown since', async () => {
    await using oracle = await createDataNode({ home: ':memory:', privateKey: 'generate', anchor: new FakeAnchor(), anchorIntervalMs: Infinity })
    const prompt = async (text: string): Promise<TaskBundle> =>
      await oracle.publishTaskBundle({ session: judged.task.manifest.session, prompt: text }, { readers: 'anyone' })
    const task = await prompt('first')
    const early = await oracle.audit.anchor()
    const evidence = await oracle.publishEvidence({ task, taskId: '0', verdicts: await oracle.verifyResults(task, [], { taskId: '0' }) })
    const { size, receipt } = await oracle.audit.anchor()
    await prompt('later')
    const { logs, receipts } = await verifyEvidence(await exported(oracle, evidence.urn, { receipts: [receipt] }))
    expect([logs.map(({ size, digest }) => ({ size, digest })), receipts]).toEqual([[{ size, digest: receipt.digest }], [receipt]])
    await expect(exported(oracle, evidence.urn, { receipts: [early.receipt] })).rejects.toMatchObject({ name: 'InvalidProofError' })
  })

  it('exports evidence of others in no log, unless it is given a proof', async () => {
    const { miners: { first }, oracle, evidence } = judged
    await (await first.open(evidence.urn, { hold: true })).close()
    const { signer, logs } = await verifyEvidence(await exported(first, evidence.urn))
    expect([signer, logs]).toEqual([oracle.address, []])
  })

  it('refuses what is no evidence, is not stored, or is no option', async () => {
    expect(await refusal({}, judged.task.urn)).toMatchObject({ name: 'WrongKindError' })
    expect(await refusal({}, 'urn:blob:v2:ipfs:bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')).toMatchObject({ name: 'NotStoredError' })
    expect(await refusal({}, 'x')).toMatchObject({ name: 'InvalidReferenceError' })
    for (const options of [{ payload: 'some' }, { receipts: 5 }, { receipts: [{}] }, { proofs: 5 }, { proofs: [5] }, { proofs: [{ proof: 'x' }] }, null]) {
      expect(await refusal(options as object)).toMatchObject({ name: 'InvalidArgumentError' })
    }
    const reason = new Error('enough')
    expect(await refusal({ signal: AbortSignal.abort(reason) })).toBe(reason)
  })
})
