import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { RateLimit } from '../../src/transfer/rate-limit.ts'

const { signal } = new AbortController()

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

/** A limit, and who was let through when. */
function start (bytesPerSecond: number): {
  passed: [name: string, atMs: number][], take: (peer: string, bytes: number, name?: string, own?: AbortSignal) => Promise<void>
} {
  const startedAt = Date.now()
  const limit = new RateLimit(bytesPerSecond, { now: Date.now })
  const passed: [string, number][] = []
  const take = async (peer: string, bytes: number, name = peer, own = signal): Promise<void> => {
    await limit.take(peer, bytes, own)
    passed.push([name, Date.now() - startedAt])
  }
  return { passed, take }
}

describe('RateLimit', () => {
  it('lets so many bytes a second pass', async () => {
    const { passed, take } = start(1000)
    const taking = (async () => { for (let n = 0; n < 5; n++) await take('a', 500) })()
    await vi.advanceTimersByTimeAsync(10_000)
    await taking
    expect(passed.map(([, atMs]) => atMs)).toEqual([250, 750, 1250, 1750, 2250])
  })

  it('saves nothing up while nobody asks', async () => {
    const { passed, take } = start(1000)
    await vi.advanceTimersByTimeAsync(60_000)
    const taking = [take('a', 250), take('a', 250), take('a', 250)]
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all(taking)
    expect(passed.map(([, atMs]) => atMs)).toEqual([60_000, 60_250, 60_500])
  })

  it('gives turns to peers, however much one of them asks at once', async () => {
    const { passed, take } = start(1000)
    const taking = [take('greedy', 1000, 'g1'), take('greedy', 1000, 'g2'), take('greedy', 1000, 'g3'), take('modest', 500)]
    await vi.advanceTimersByTimeAsync(10_000)
    await Promise.all(taking)
    expect(passed.map(([name]) => name)).toEqual(['modest', 'g1', 'g2', 'g3'])
    expect(passed[0]?.[1]).toBeLessThanOrEqual(1000)
    expect(passed.at(-1)?.[1]).toBe(3250)
  })

  it('tells who waits of every turn', async () => {
    const limit = new RateLimit(1000, { now: Date.now })
    let turns = 0
    const taking = limit.take('a', 1000, signal, () => { turns++ })
    await vi.advanceTimersByTimeAsync(500)
    expect(turns).toBe(3)
    await vi.advanceTimersByTimeAsync(500)
    await taking
    expect(turns).toBe(4)
  })

  it('lets go who is aborted, and keeps no turn for it', async () => {
    const { passed, take } = start(1000)
    const controller = new AbortController()
    const taking = [take('a', 1_000_000, 'aborted', controller.signal), take('b', 500)]
    await vi.advanceTimersByTimeAsync(300)
    controller.abort()
    await vi.advanceTimersByTimeAsync(0)
    expect(passed).toEqual([['aborted', 300]])
    await vi.advanceTimersByTimeAsync(1_000)
    await Promise.all(taking)
    expect(passed[1]?.[1]).toBeLessThanOrEqual(750)
    await take('a', 100, 'late', controller.signal)
  })
})
