import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { BundleJobs } from '../src/bundle-jobs.ts'
import { taskBundleInit } from '../src/bundle/task.ts'
import { buildComponents, stopComponents } from '../src/components.ts'
import { StoppedError } from '../src/errors.ts'
import { Jobs } from '../src/jobs.ts'
import type { Components } from '../src/components.ts'
import type { ResultBundle, TaskBundle } from '../src/interface/bundle.ts'

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

  it('ends the wait for routers with the jobs, and closes what was published', async () => {
    const routed = await buildComponents({ home: ':memory:', privateKey: '5c'.repeat(32), routers: ['/ip4/127.0.0.1/tcp/1'] })
    const own = new Jobs()
    const bundles = new BundleJobs(routed, own)
    const task = await bundles.publish(taskBundleInit({ session, prompt: 'r' }, 'anyone', routed.identity), {}) as TaskBundle
    const published = vi.spyOn(bundles, 'publish')
    const answering = bundles.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now', confirm: 1 })
    const ended = expect(answering).rejects.toBeInstanceOf(StoppedError)
    await vi.waitFor(() => { expect(published.mock.settledResults.map(({ type }) => type)).toEqual(['fulfilled']) })
    await own.stop(1_000)
    await ended
    const handle = await published.mock.results[0]?.value as ResultBundle
    await expect(handle.bytes('output.json')).rejects.toThrow('was closed')
    await stopComponents(routed)
  })

  it('imports nothing and opens nothing once the jobs are ended', async () => {
    await jobs.stop(1_000)
    await expect(bundles.importCar([], {})).rejects.toBeInstanceOf(StoppedError)
    await expect(bundles.open('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354', {})).rejects.toBeInstanceOf(StoppedError)
  })
})
