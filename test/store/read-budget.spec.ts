import { expect, onTestFinished, test, vi } from 'vitest'
import { ReadBudget, wait } from '../../src/store/read-budget.ts'

/** Time that passes only while somebody waits. */
function makeTime (): { now: () => number, wait: (ms: number) => Promise<void>, waits: number[] } {
  let at = 5_000
  const waits: number[] = []
  return {
    now: () => at,
    wait: async ms => {
      waits.push(ms)
      at += ms
    },
    waits
  }
}

test('lets through the bytes of one second at once, and then so many each second', async () => {
  const time = makeTime()
  const budget = new ReadBudget(1000, time)
  for (let n = 0; n < 10; n++) await budget.take(100)
  expect(time.waits).toEqual([])
  await budget.take(500)
  expect(time.waits).toEqual([])
  await budget.take(1)
  expect(time.waits).toEqual([500])
})

test('never gives more than was earned, over any time', async () => {
  const time = makeTime()
  const budget = new ReadBudget(1000, time)
  const start = time.now()
  let bytes = 0
  for (const size of [10, 5000, 1, 999, 2_000, 0, 300]) {
    await budget.take(size)
    expect(bytes).toBeLessThanOrEqual(1000 + (time.now() - start))
    bytes += size
  }
})

test('saves up no more than a second', async () => {
  const time = makeTime()
  const budget = new ReadBudget(1000, time)
  await time.wait(60_000)
  await budget.take(2000)
  await budget.take(1)
  expect(time.waits).toEqual([60_000, 1000])
})

test('waits no longer than a timer can', async () => {
  const time = makeTime()
  const budget = new ReadBudget(1, time)
  await budget.take(3_000_000_000)
  const waiting = budget.take(1)
  await waiting
  expect(Math.max(...time.waits)).toBe(2_147_483_647)
})

test('rejects with the reason of the signal, before and while it waits', async () => {
  const reason = new Error('enough')
  const aborted = AbortSignal.abort(reason)
  await expect(new ReadBudget(1, makeTime()).take(1, { signal: aborted })).rejects.toBe(reason)
  await expect(wait(1, { signal: aborted })).rejects.toBe(reason)
  const abort = new AbortController()
  const waiting = wait(1_000_000, { signal: abort.signal })
  abort.abort(reason)
  await expect(waiting).rejects.toBe(reason)
})

test('keeps the process alive for it only when that is asked for', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout')
  onTestFinished(() => { timers.mockRestore() })
  for (const kept of [true, false]) {
    const abort = new AbortController()
    const waiting = wait(1_000_000, { signal: abort.signal }, { kept })
    expect((timers.mock.results.at(-1)?.value as NodeJS.Timeout).hasRef()).toBe(kept)
    abort.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
  }
})
