import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { BundleJobs } from '../src/bundle-jobs.ts'
import { taskBundleInit } from '../src/bundle/task.ts'
import { buildComponents, stopComponents } from '../src/components.ts'
import { StoppedError } from '../src/errors.ts'
import { Jobs } from '../src/jobs.ts'
import type { Components } from '../src/components.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }

describe('BundleJobs', () => {
  const lines: string[] = []
  let components: Components
  let jobs: Jobs
  let bundles: BundleJobs

  beforeAll(async () => {
    components = await buildComponents({ home: ':memory:', privateKey: '5b'.repeat(32), logger: line => { lines.push(line) } })
    jobs = new Jobs()
    bundles = new BundleJobs(components, jobs)
  })
  afterAll(async () => { await stopComponents(components) })

  it('says in one line what was published, and what was found again', async () => {
    const task = await bundles.publish(taskBundleInit({ session, prompt: 'p' }, 'anyone', components.identity), {})
    await bundles.fetch(task.urn, {})
    const said = lines.filter(line => line.includes(task.cid.toString()))
    expect(said).toEqual([expect.stringMatching(/published task .* blocks=\d+ bytes=\d+ ms=\d+/), expect.stringMatching(/fetched task /)])
  })

  it('gives only a result where one is expected', async () => {
    const task = await bundles.publish(taskBundleInit({ session, prompt: 'q' }, 'anyone', components.identity), {})
    await expect(bundles.fetchResult(task.urn, {})).rejects.toMatchObject({ name: 'WrongKindError' })
  })

  it('imports nothing and opens nothing once the jobs are ended', async () => {
    await jobs.stop(1_000)
    await expect(bundles.importCar([], {})).rejects.toBeInstanceOf(StoppedError)
    await expect(bundles.open('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354', {})).rejects.toBeInstanceOf(StoppedError)
  })
})
