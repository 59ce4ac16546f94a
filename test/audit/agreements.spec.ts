import { describe, expect, it, vi } from 'vitest'
import { findAgreements } from '../../src/audit/agreements.ts'
import { miner, resultOf } from './fixtures.ts'
import type { AgreementInit } from '../../src/audit/agreements.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { CompareResults, Verdict, VerdictStatus } from '../../src/interface/verdict.ts'

/** Verdicts on answers of a letter each, of miner 1, 2 and so on. */
function verdictsOn (letters: string, status: VerdictStatus = 'ok'): Verdict[] {
  return Array.from(letters).map((letter, i) => ({
    miner: miner(i + 1), ref: letter, status, reason: '', elapsedMs: 0, content: `0x${letter}`, result: { ...resultOf(miner(i + 1), letter), output: letter }
  }))
}

async function groups (verdicts: Verdict[], compare?: CompareResults, init: Partial<AgreementInit> = {}): Promise<number[][]> {
  const { agreements } = await findAgreements(verdicts, {
    compare, agreementScore: 1, timeoutMs: 20_000, signal: new AbortController().signal, ...init
  })
  return agreements.map(({ miners }) => miners.map(address => verdicts.findIndex(({ miner }) => miner === address) + 1))
}

const codeOf = ({ output }: ResultBundle): number => (output as string).charCodeAt(0)

/** Neighbours in the alphabet are alike; nothing else is. */
const neighbours: CompareResults = (a, b) => Math.abs(codeOf(a) - codeOf(b)) <= 1

describe('findAgreements', () => {
  it('groups equal content, the largest group first, then the one that was begun first', async () => {
    expect(await groups(verdictsOn('abcbcd'))).toEqual([[2, 4], [3, 5], [1], [6]])
  })

  it('groups only what is ok', async () => {
    expect(await groups([...verdictsOn('a'), ...verdictsOn('ab', 'unsigned')])).toEqual([[1]])
    expect(await groups([])).toEqual([])
  })

  it('counts a miner once in a group, however often it claims', async () => {
    const [first, second] = verdictsOn('aa') as [Verdict, Verdict]
    expect(await groups([first, { ...second, miner: first.miner }])).toEqual([[1]])
  })

  it('takes an answer into the first group with all of whose answers it agrees: similarity does not chain', async () => {
    expect(await groups(verdictsOn('abc'), neighbours)).toEqual([[1, 2], [3]])
    expect(await groups(verdictsOn('bac'), neighbours)).toEqual([[1, 2], [3]])
    expect(await groups(verdictsOn('acb'), neighbours)).toEqual([[1, 3], [2]])
    expect(await groups(verdictsOn('abcd'), neighbours)).toEqual([[1, 2], [3, 4]])
  })

  it('gives the miners of a group in the order of the claims, and the content of the first', async () => {
    const { agreements } = await findAgreements(verdictsOn('bab'), {
      compare: neighbours, agreementScore: 1, timeoutMs: 20_000, signal: new AbortController().signal
    })
    expect(agreements).toEqual([{ content: '0xb', miners: [miner(1), miner(2), miner(3)] }])
  })

  it('asks nothing about equal answers', async () => {
    const compare = vi.fn<CompareResults>(() => false)
    expect(await groups(verdictsOn('aab'), compare)).toEqual([[1, 2], [3]])
    expect(compare).toHaveBeenCalledOnce()
  })

  it('takes two answers to agree from the score on that is said', async () => {
    expect(await groups(verdictsOn('ab'), () => 0.8, { agreementScore: 0.8 })).toEqual([[1, 2]])
    expect(await groups(verdictsOn('ab'), () => 0.79, { agreementScore: 0.8 })).toEqual([[1], [2]])
    expect(await groups(verdictsOn('ab'), () => -1, { agreementScore: -1 })).toEqual([[1, 2]])
  })

  it('takes what could not be compared for different', async () => {
    const compare: CompareResults = () => { throw new Error('no model') }
    const found = await findAgreements(verdictsOn('ab'), {
      compare, agreementScore: -1e9, timeoutMs: 20_000, signal: new AbortController().signal
    })
    expect(found).toMatchObject({ agreements: [{ miners: [miner(1)] }, { miners: [miner(2)] }], comparisons: [{ error: 'compare failed: "no model"' }] })
  })

  it('has no comparisons without a function', async () => {
    const found = await findAgreements(verdictsOn('ab'), {
      compare: undefined, agreementScore: 1, timeoutMs: 20_000, signal: new AbortController().signal
    })
    expect(found).not.toHaveProperty('comparisons')
  })
})
