import { describe, expect, it, vi } from 'vitest'
import { compareAnswers } from '../../src/audit/compare.ts'
import { comparisonsConcurrency, comparisonsMax } from '../../src/limits.ts'
import { miner, resultOf } from './fixtures.ts'
import type { Answer } from '../../src/audit/compare.ts'
import type { CompareResults, Comparison } from '../../src/interface/verdict.ts'

const answers = (count: number): Answer[] => Array.from({ length: count }, (_, i) => ({ content: `0x${i}`, result: resultOf(miner(1), String(i)) }))
const open = new AbortController().signal

async function compared (count: number, compare: unknown, timeoutMs = 20_000, signal = open): Promise<Comparison[]> {
  return await compareAnswers(answers(count), { compare: compare as CompareResults, timeoutMs, signal })
}

describe('compareAnswers', () => {
  it('asks once for each pair, that which was claimed first as the first', async () => {
    const compare = vi.fn<CompareResults>(() => 0.5)
    expect(await compared(3, compare)).toEqual([
      { contents: ['0x0', '0x1'], score: 0.5 }, { contents: ['0x0', '0x2'], score: 0.5 }, { contents: ['0x1', '0x2'], score: 0.5 }
    ])
    const [first] = answers(1)
    expect(compare.mock.calls[0]?.[0].urn).toBe(first?.result.urn)
    expect(compare).toHaveBeenCalledTimes(3)
  })

  it('asks nothing when there is one answer or none', async () => {
    const compare = vi.fn()
    expect(await compared(1, compare)).toEqual([])
    expect(await compared(0, compare)).toEqual([])
    expect(compare).not.toHaveBeenCalled()
  })

  it.each([[true, 1], [false, 0], [-2.5, -2.5], [7, 7]])('takes %s as the score %d, also later', async (said, score) => {
    expect(await compared(2, () => said)).toMatchObject([{ score }])
    expect(await compared(2, async () => await Promise.resolve(said))).toMatchObject([{ score }])
  })

  it.each([
    [undefined, 'undefined'], [null, 'null'], ['1', '"1"'], [NaN, 'NaN'], [Infinity, 'Infinity'], [{}, 'an object']
  ])('reports %s, which is no score', async (said, described) => {
    const [comparison] = await compared(2, () => said)
    expect(comparison).toEqual({ contents: ['0x0', '0x1'], error: expect.stringContaining(described) as string })
  })

  it('reports what is thrown beside the pair, in few words, and goes on', async () => {
    const failing = async (): Promise<never> => await Promise.reject(new Error(`bad ${'x'.repeat(10_000)}`))
    let calls = 0
    const compare = (): unknown => {
      if (calls++ === 0) throw 'text' as unknown as Error
      return calls === 2 ? failing() : 1
    }
    const [first, second, third] = await compared(3, compare)
    expect(first?.error).toBe('compare failed: "text"')
    expect(second?.error).toMatch(/^compare failed: "bad x+"… \(10004 characters\)$/)
    expect(second?.error?.length).toBeLessThan(400)
    expect(third?.score).toBe(1)
  })

  it('reports what was not compared in time, and keeps what was', async () => {
    const signals: (AbortSignal | undefined)[] = []
    const compare: CompareResults = (a, _b, { signal }) => {
      signals.push(signal)
      return a.urn === answers(1)[0]?.result.urn ? 1 : new Promise(() => {})
    }
    const comparisons = await compared(3, compare, 20)
    expect(comparisons.map(({ score }) => score)).toEqual([1, 1, undefined])
    expect(comparisons[2]?.error).toBe('not compared: 20 ms for all comparisons were over')
    expect(signals.every(signal => signal?.aborted)).toBe(true)
  })

  it('calls the function so many times at once, and no more', async () => {
    let [running, most] = [0, 0]
    const compare = async (): Promise<number> => {
      most = Math.max(most, ++running)
      await new Promise(resolve => { setImmediate(resolve) })
      running--
      return 1
    }
    await compared(5, compare)
    expect(most).toBe(comparisonsConcurrency)
  })

  it('compares as many pairs as it may, and reports those beyond', async () => {
    const compare = vi.fn(() => 1)
    const comparisons = await compared(92, compare)
    expect(comparisons).toHaveLength(92 * 91 / 2)
    expect(compare).toHaveBeenCalledTimes(comparisonsMax)
    expect(comparisons[comparisonsMax - 1]?.score).toBe(1)
    expect(comparisons[comparisonsMax]?.error).toBe(`not compared: these are more than ${comparisonsMax} pairs`)
  })

  it('rejects with the reason of its signal, before and while it waits', async () => {
    const reason = new Error('enough')
    await expect(compared(2, () => 1, 20_000, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const compare = async (): Promise<never> => {
      controller.abort(reason)
      return await new Promise(() => {})
    }
    await expect(compared(2, compare, 20_000, controller.signal)).rejects.toBe(reason)
  })
})
