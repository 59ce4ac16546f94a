import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { fetchRevealed, isEmbargoed } from '../../src/audit/fetch-revealed.ts'
import { CorruptTransferError, RefusedError, StorageError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { embargoRetryMsMax, embargoRetryMsMin } from '../../src/limits.ts'
import { miner, resultOf } from './fixtures.ts'
import type { FetchRevealedInit } from '../../src/audit/fetch-revealed.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'

const embargoed = new UnavailableError('not yet', { attempts: [{ outcome: 'not-available' }, { outcome: 'embargoed' }] })
const result = resultOf(miner(1), 'a')

/** Fetches what comes in this order, the last for ever, and notes how long it waited each time. */
function ask (answers: (ResultBundle | Error)[], init: Partial<FetchRevealedInit> = {}) {
  const slept: number[] = []
  const fetch = async (): Promise<ResultBundle> => {
    const next = answers.length > 1 ? answers.shift()! : answers[0]!
    return next instanceof Error ? await Promise.reject(next) : next
  }
  const sleep = async (ms: number, { signal }: { signal: AbortSignal }): Promise<void> => {
    slept.push(ms)
    if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(ms)
    signal.throwIfAborted()
  }
  const fetching = fetchRevealed({
    urn: 'urn:a', fetch, timeoutMs: 20_000, signal: new AbortController().signal, random: () => 1, sleep, ...init
  })
  return { slept, fetching }
}

/** Time that passes only while somebody sleeps. */
function onClock (): void {
  vi.useFakeTimers()
  onTestFinished(() => { vi.useRealTimers() })
}

describe('fetchRevealed', () => {
  it('asks once for what is there', async () => {
    const { slept, fetching } = ask([result])
    expect(await fetching).toBe(result)
    expect(slept).toEqual([])
  })

  it('asks again while it is embargoed, each time after twice as long, up to a bound', async () => {
    const { slept, fetching } = ask([...Array.from({ length: 7 }, () => embargoed), result])
    expect(await fetching).toBe(result)
    expect(slept).toEqual([0, 1, 2, 3, 4, 5, 6].map(i => Math.min(embargoRetryMsMin * 2 ** i, embargoRetryMsMax)))
    expect(slept.at(-1)).toBe(embargoRetryMsMax)
  })

  it('waits half as long by chance', async () => {
    const { slept, fetching } = ask([embargoed, result], { random: () => 0 })
    await fetching
    expect(slept).toEqual([embargoRetryMsMin / 2])
  })

  it('says that it is embargoed when time is up, how often it asked, and what was said last', async () => {
    onClock()
    const { slept, fetching } = ask([embargoed], { timeoutMs: 1_000 })
    const error: unknown = await fetching.catch((error: unknown) => error)
    expect(slept).toEqual([250, 500, 1_000])
    expect(isEmbargoed(error)).toBe(true)
    expect(error).toMatchObject({
      name: 'UnavailableError', cause: embargoed, message: 'urn:a was not revealed within 1000 ms, in which it was asked for 3 times: not yet'
    })
  })

  it.each([new UnavailableError('gone'), new RefusedError('busy'), new TimedOutError('late')])('goes on after an embargo when there is %o', async error => {
    const { fetching } = ask([embargoed, error, result])
    expect(await fetching).toBe(result)
  })

  it('says at the end what stood in the way last', async () => {
    onClock()
    const gone = new UnavailableError('gone')
    await expect(ask([embargoed, gone], { timeoutMs: 1_000 }).fetching).rejects.toBe(gone)
  })

  it.each([new UnavailableError('nobody'), new RefusedError('busy')])('does not ask again for what nobody keeps back: %o', async error => {
    await expect(ask([error, result]).fetching).rejects.toBe(error)
  })

  it.each([new CorruptTransferError('lies'), new StorageError('disk'), new Error('bug')])('gives up after an embargo at %o', async error => {
    await expect(ask([embargoed, error, result]).fetching).rejects.toBe(error)
  })

  it('says what was not there in time', async () => {
    const fetch = async ({ signal }: AbortOptions): Promise<never> => await new Promise((_, reject) => {
      signal?.addEventListener('abort', () => { reject(signal.reason as Error) })
    })
    await expect(ask([], { fetch, timeoutMs: 5 }).fetching).rejects.toMatchObject({ name: 'TimedOutError', message: 'urn:a did not come within 5 ms' })
  })

  it('ends with the reason of its signal while it waits, without a further question', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const fetch = vi.fn(async () => await Promise.reject<ResultBundle>(embargoed))
    const asking = fetchRevealed({ urn: 'urn:a', fetch, timeoutMs: 20_000, signal: controller.signal })
    await vi.waitFor(() => { expect(fetch).toHaveBeenCalledOnce() })
    controller.abort(reason)
    await expect(asking).rejects.toBe(reason)
    expect(fetch).toHaveBeenCalledOnce()
  })

  it('closes what comes when nobody waits for it any more', async () => {
    const controller = new AbortController()
    const close = vi.fn(async () => {})
    const { promise, resolve } = Promise.withResolvers<ResultBundle>()
    const { fetching } = ask([], { fetch: async () => await promise, signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(fetching).rejects.toThrow('enough')
    resolve(Object.assign(resultOf(miner(1), 'a'), { close }))
    await vi.waitFor(() => { expect(close).toHaveBeenCalledOnce() })
  })
})

describe('isEmbargoed', () => {
  it('is true when one of those who were asked says so', () => {
    expect(isEmbargoed(embargoed)).toBe(true)
    expect(isEmbargoed(new UnavailableError('x', { status: 'embargoed' }))).toBe(true)
    expect(isEmbargoed(new UnavailableError('x', { status: 'not-available', attempts: [{ outcome: 'not-available' }] }))).toBe(false)
    expect(isEmbargoed(new RefusedError('x', { status: 'embargoed' }))).toBe(false)
    expect(isEmbargoed(undefined)).toBe(false)
  })
})
