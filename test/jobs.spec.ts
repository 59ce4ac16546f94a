import { describe, expect, it } from 'vitest'
import { Jobs } from '../src/jobs.ts'

const untilAborted = async ({ signal }: { signal: AbortSignal }): Promise<never> => await new Promise((_resolve, reject) => {
  signal.addEventListener('abort', () => { reject(signal.reason as Error) })
})

describe('Jobs', () => {
  it('returns what the call returns', async () => {
    expect(await new Jobs().run({}, async () => await Promise.resolve(1))).toBe(1)
  })

  it('ends running calls with a StoppedError and refuses new ones', async () => {
    const jobs = new Jobs()
    const running = expect(jobs.run({}, untilAborted)).rejects.toMatchObject({ name: 'StoppedError' })
    await jobs.stop(10_000)
    await running
    await expect(jobs.run({}, untilAborted)).rejects.toMatchObject({ name: 'StoppedError' })
  })

  it('lets the reason of the caller\'s signal through untouched', async () => {
    const controller = new AbortController()
    const reason = new Error('mine')
    const running = expect(new Jobs().run({ signal: controller.signal }, untilAborted)).rejects.toBe(reason)
    controller.abort(reason)
    await running
  })

  it('refuses a call whose signal is aborted already, before anything is done', async () => {
    const reason = new Error('mine')
    let called = false
    await expect(new Jobs().run({ signal: AbortSignal.abort(reason) }, async () => { called = true; await Promise.resolve() })).rejects.toBe(reason)
    expect(called).toBe(false)
  })

  it('does not wait for a call that ignores its signal for longer than it may', async () => {
    const jobs = new Jobs()
    void jobs.run({}, async () => await new Promise(() => {}))
    await jobs.stop(1)
  })
})
