import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAuditTrail } from '../src/audit/audit-trail.ts'
import { BundleJobs } from '../src/bundle-jobs.ts'
import { taskBundleInit } from '../src/bundle/task.ts'
import { buildComponents, stopComponents } from '../src/components.ts'
import { StoppedError } from '../src/errors.ts'
import { EvidenceJobs } from '../src/evidence-jobs.ts'
import { Jobs } from '../src/jobs.ts'
import type { Components } from '../src/components.ts'
import type { TaskBundle } from '../src/interface/bundle.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }

describe('EvidenceJobs', () => {
  let components: Components
  let jobs: Jobs
  let bundles: BundleJobs
  let evidence: EvidenceJobs
  let task: TaskBundle

  beforeAll(async () => {
    components = await buildComponents({ home: ':memory:', privateKey: '5b'.repeat(32) })
    jobs = new Jobs()
    bundles = new BundleJobs(components, jobs)
    const audit = createAuditTrail(components, async (options, call) => await jobs.run(options, call))
    evidence = new EvidenceJobs({ components, jobs, bundles, audit })
    task = await bundles.publish(taskBundleInit({ session, prompt: 'p' }, 'anyone', components.identity), {}) as TaskBundle
  })
  afterAll(async () => { await stopComponents(components) })

  it('gives the result that is expected, and closes what it fetched when it is another one', async () => {
    const { account: miner } = components.identity
    const { urn } = await bundles.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now' })
    expect((await evidence.fetchResult(urn, { task, taskId: '0', miner }, {})).output).toBe('o')
    await expect(evidence.fetchResult(urn, { task, taskId: '1', miner }, {})).rejects.toMatchObject({ name: 'WrongTaskError' })
  })

  it('makes evidence of verdicts, finds it and hands it over', async () => {
    const reference = { ...session, taskId: '0' }
    const { urn, miner } = await bundles.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now' })
    const verdicts = await evidence.verifyResults(task, [{ miner, ref: urn }], { taskId: '0' })
    expect(verdicts.verdicts).toMatchObject([{ status: 'ok' }])
    const published = await evidence.publish({ task, taskId: '0', verdicts }, {})
    expect((await evidence.find(reference, {})).map(({ cid }) => cid.toString())).toEqual([published.cid.toString()])
    expect((await Array.fromAsync(evidence.export(published.urn, {}))).length).toBeGreaterThan(0)
  })

  it('does nothing once the jobs are ended', async () => {
    await jobs.stop(1_000)
    await expect(evidence.verifyResults(task, [], { taskId: '0' })).rejects.toBeInstanceOf(StoppedError)
    await expect(evidence.export(task.urn, {}).next()).rejects.toBeInstanceOf(StoppedError)
    await expect(evidence.find({ ...session, taskId: '0' }, {})).rejects.toBeInstanceOf(StoppedError)
  })
})
