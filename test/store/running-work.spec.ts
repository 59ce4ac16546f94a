import { expect, test, vi } from 'vitest'
import { StoppedError } from '../../src/errors.ts'
import { RunningWork } from '../../src/store/running-work.ts'

test('waits for work that runs and for what that begins, and then for the end', async () => {
  const running = new RunningWork()
  const order: string[] = []
  const gate = Promise.withResolvers<undefined>()
  const work = running.run(async () => {
    await gate.promise
    void running.follow(async () => {
      await Promise.resolve()
      order.push('followed')
    })
    order.push('done')
  })
  const closed = running.close(1000, () => {
    order.push('finish')
    return Promise.resolve()
  })
  await expect(running.run(() => Promise.resolve())).rejects.toThrow(StoppedError)
  running.assertNotCut()
  gate.resolve(undefined)
  await work
  expect(await closed).toBe(true)
  expect(order).toEqual(['done', 'followed', 'finish'])
  expect(() => { running.assertNotCut() }).toThrow(StoppedError)
})

test('cuts off what takes longer than it waits, and finishes when that has ended', async () => {
  vi.useFakeTimers()
  try {
    const running = new RunningWork()
    const gate = Promise.withResolvers<undefined>()
    const work = running.run(() => gate.promise)
    let closed = false
    let finished = false
    const closing = running.close(1000, async () => {
      await Promise.resolve()
      finished = true
    }).then(hasEnded => {
      closed = true
      return hasEnded
    })
    await vi.advanceTimersByTimeAsync(999)
    expect(closed).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    expect(closed).toBe(true)
    expect(() => { running.assertNotCut() }).toThrow(StoppedError)
    expect(await closing).toBe(false)
    expect(finished).toBe(false)
    gate.resolve(undefined)
    await work
    await expect.poll(() => finished).toBe(true)
  } finally {
    vi.useRealTimers()
  }
})

test('waits for work that fails, and lets its caller know', async () => {
  const running = new RunningWork()
  const work = running.run(() => Promise.reject(new Error('no')))
  await Promise.all([expect(work).rejects.toThrow('no'), running.close(1000, () => Promise.resolve())])
})
