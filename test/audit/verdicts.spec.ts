import { describe, expect, it, vi } from 'vitest'
import { verifyResults } from '../../src/audit/verdicts.ts'
import { StorageError, UnavailableError } from '../../src/errors.ts'
import { digestOf } from '../../src/format/digest.ts'
import { claimsConcurrency, claimsMax } from '../../src/limits.ts'
import { components, keyed, miner, resultOf, root, signedBy, task, urn } from './fixtures.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { AbortOptions } from '../../src/interface/primitives.ts'

describe('verifyResults', () => {
  it('gives one verdict a claim, in their order, and groups equal outputs, the largest group first', async () => {
    const { verdicts, agreements } = await verifyResults(components({
      [urn('a')]: resultOf(miner(1), 'a', { output: 'x' }),
      [urn('b')]: resultOf(miner(2), 'b', { output: 'y' }),
      [urn('c')]: resultOf(miner(3), 'c', { output: 'y' })
    }), task, ['a', 'b', 'c'].map((text, i) => ({ miner: miner(i + 1), ref: urn(text) })), { taskId: '0' })
    expect(verdicts.map(({ miner, status }) => [miner, status])).toEqual([[miner(1), 'ok'], [miner(2), 'ok'], [miner(3), 'ok']])
    expect(agreements.map(({ miners }) => miners)).toEqual([[miner(2), miner(3)], [miner(1)]])
  })

  it.each(['', 'nonsense', 'urn:blob:v2:s3:akamai:test0:abc', `Qm${'1'.repeat(200_000)}`])('says malformed of the reference %.20s', async ref => {
    const { verdicts } = await verifyResults(components({}), task, [{ miner: miner(1), ref }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('takes the address of a miner in any case, and gives it in lower case', async () => {
    const mixed = `0x${'aB'.repeat(20)}` as const
    const by = `0x${'ab'.repeat(20)}` as const
    const { verdicts, agreements } = await verifyResults(components({ [urn('a')]: resultOf(by, 'a') }), task,
      [{ miner: mixed, ref: urn('a') }], { taskId: '0' })
    expect(verdicts[0]).toMatchObject({ status: 'ok', miner: by })
    expect(agreements[0]?.miners).toEqual([by])
  })

  it('says malformed of a miner that is no address', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(miner(1), 'a') }), task,
      [{ miner: 'somebody' as never, ref: urn('a') }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('does not blame the miner for what goes wrong in this node or in its host', async () => {
    const claims = [{ miner: miner(1), ref: urn('a'), hash: `0x${'01'.repeat(32)}` as const }]
    await expect(verifyResults(components({ [urn('a')]: new StorageError('disk') }), task, [{ miner: miner(1), ref: urn('a') }], { taskId: '0' }))
      .rejects.toMatchObject({ name: 'StorageError' })
    await expect(verifyResults(components({}), task, claims, { taskId: '0', hashOf: async () => await Promise.reject(new Error('no RPC')) }))
      .rejects.toThrow('no RPC')
  })

  it('lets one bad claim stand beside good ones', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(miner(1), 'a') }), task,
      [{ miner: miner(2), ref: 'x' }, { miner: miner(1), ref: urn('a') }], { taskId: '0' })
    expect(verdicts.map(({ status }) => status)).toEqual(['malformed', 'ok'])
  })

  it('judges what is not there at all', async () => {
    const { verdicts } = await verifyResults(components({}), task, new Array(1), { taskId: '0' })
    expect(verdicts).toMatchObject([{ status: 'malformed', miner: 'undefined', ref: 'undefined', reason: 'claim must be an object, and is undefined' }])
  })

  it.each([[{}], [5], [null], [Object.create(null)]])('says malformed of the reference %#', async ref => {
    const { verdicts } = await verifyResults(components({}), task, [{ miner: miner(1), ref: ref as string }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('malformed')
  })

  it('refuses what would make every verdict wrong', async () => {
    const compare = (): boolean => true
    const claims = [{ miner: miner(1), ref: urn('a') }]
    const wrong = [
      { taskId: '00' }, { taskId: 0 }, { bytesMax: NaN }, { hashOf: 5 }, { providers: 5 }, { claimTimeoutMs: 0 }, { claimTimeoutMs: 2 ** 31 },
      { compare: 5 }, { compare, agreementScore: NaN }, { compare, agreementScore: '1' }, { compare, compareTimeoutMs: 0 },
      { compare, compareTimeoutMs: 2 ** 31 }, { agreementScore: 1 }, { compareTimeoutMs: 1 }
    ]
    for (const options of wrong.map(options => ({ taskId: '0', ...options }))) {
      await expect(verifyResults(components({}), task, claims, options as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    }
    await expect(verifyResults(components({}), {} as never, claims, { taskId: '0' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('takes as many claims as it may and refuses one more', async () => {
    const claims = Array.from({ length: claimsMax }, () => ({ miner: miner(1), ref: 'x' }))
    expect((await verifyResults(components({}), task, claims, { taskId: '0' })).verdicts).toHaveLength(claimsMax)
    await expect(verifyResults(components({}), task, [...claims, { miner: miner(1), ref: 'x' }], { taskId: '0' }))
      .rejects.toMatchObject({ name: 'LimitExceededError' })
  })

  it('rejects with the reason of its signal', async () => {
    const reason = new UnavailableError('enough')
    await expect(verifyResults(components({}), task, [{ miner: miner(1), ref: urn('a') }], { taskId: '0', signal: AbortSignal.abort(reason) }))
      .rejects.toBe(reason)
  })

  it('ends everything with the reason of its signal, and leaves no result open', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const asked: (AbortSignal | undefined)[] = []
    const good = closable(miner(1), 'a')
    const judging = verifyResults({
      ...components({}),
      fetchResult: async (ref, { signal }) => {
        if (ref === urn('a')) return good
        asked.push(signal)
        if (asked.length === 2) controller.abort(reason)
        return await untilEnd({ signal })
      }
    }, task, ['a', 'b', 'c'].map((text, i) => ({ miner: miner(i + 1), ref: urn(text) })), { taskId: '0', signal: controller.signal })
    await expect(judging).rejects.toBe(reason)
    expect(asked.map(signal => signal?.aborted)).toEqual([true, true])
    expect(good.close).toHaveBeenCalledOnce()
  })

  it('waits for no other claim when this node fails, and leaves no result open', async () => {
    const good = closable(miner(1), 'a')
    const judging = verifyResults({
      ...components({}),
      fetchResult: async (ref, options) => {
        if (ref === urn('a')) return good
        return ref === urn('b') ? await untilEnd(options) : await Promise.reject(new StorageError('disk'))
      }
    }, task, ['a', 'b', 'c'].map((text, i) => ({ miner: miner(i + 1), ref: urn(text) })), { taskId: '0' })
    await expect(judging).rejects.toMatchObject({ name: 'StorageError' })
    expect(good.close).toHaveBeenCalledOnce()
  })

  it('gives each claim a deadline of its own, which begins when it is asked for', async () => {
    const claims = Array.from({ length: claimsConcurrency + 1 }, (_, i) => ({ miner: miner(i + 1), ref: urn(String(i)) }))
    const last = claimsConcurrency
    const { verdicts } = await verifyResults({
      ...components({}),
      fetchResult: async (ref, options) => ref === urn(String(last)) ? resultOf(miner(last + 1), String(last)) : await untilEnd(options)
    }, task, claims, { taskId: '0', claimTimeoutMs: 5 })
    expect(verdicts.map(({ status }) => status)).toEqual([...Array.from({ length: last }, () => 'unavailable'), 'ok'])
    expect(verdicts[0]).toMatchObject({ error: { name: 'TimedOutError' }, reason: expect.stringContaining('within 5 ms') as string })
  })

  it('says whose claim a statement is copied from, and whose root', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(keyed(1), 'a') }), task, [
      { miner: keyed(1), ref: urn('a') },
      { miner: keyed(2), ref: urn('a') },
      { miner: keyed(3), ref: urn('c'), statement: await signedBy(1, root('a')) },
      { miner: keyed(4), ref: urn('d') },
      { miner: keyed(5), ref: urn('d') }
    ], { taskId: '0' })
    expect(verdicts.map(({ status, copiedFrom }) => [status, copiedFrom])).toEqual([
      ['ok', undefined], ['copied', keyed(1)], ['copied', keyed(1)], ['unavailable', undefined], ['copied', keyed(4)]
    ])
  })

  it('decides nothing by the time of a statement: the later claim copied, whatever it says', async () => {
    const claims = await Promise.all([1, 2].map(async i =>
      ({ miner: keyed(i), ref: urn('a'), statement: await signedBy(i, root('a'), { time: String(100 - i) }) })))
    const { verdicts } = await verifyResults(components({}), task, claims, { taskId: '0' })
    expect(verdicts.map(({ status }) => status)).toEqual(['unavailable', 'copied'])
  })

  it('groups by what a function says, with its scores in the result', async () => {
    const results = { [urn('a')]: resultOf(miner(1), 'a', { output: 'x' }), [urn('b')]: resultOf(miner(2), 'b', { output: 'y' }) }
    const claims = ['a', 'b'].map((text, i) => ({ miner: miner(i + 1), ref: urn(text) }))
    const compare = (a: ResultBundle, b: ResultBundle): number => a.miner === miner(1) && b.miner === miner(2) ? 0.75 : 0
    const judged = async (agreementScore: number) => await verifyResults(components(results), task, claims, { taskId: '0', compare, agreementScore })
    expect(await judged(0.75)).toMatchObject({ agreements: [{ miners: [miner(1), miner(2)] }], comparisons: [{ score: 0.75 }] })
    expect((await judged(0.76)).agreements).toHaveLength(2)
  })

  it('takes the hash of a precommit in digits of either case', async () => {
    const { verdicts } = await verifyResults(components({ [urn('a')]: resultOf(miner(1), 'a') }), task,
      [{ miner: miner(1), ref: urn('a'), hash: `0x${digestOf(root('a')).slice(2).toUpperCase()}` }], { taskId: '0' })
    expect(verdicts[0]?.status).toBe('ok')
  })
})

/** A result that says whether it was closed. */
function closable (...[by, text]: Parameters<typeof resultOf>): ResultBundle {
  return Object.assign(resultOf(by, text), { close: vi.fn(async () => {}) })
}

/** What a fetch that hears nothing does. */
async function untilEnd ({ signal }: AbortOptions): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  const end = (): void => { reject(signal?.reason as Error) }
  if (signal?.aborted === true) end()
  else signal?.addEventListener('abort', end)
  return await promise
}
