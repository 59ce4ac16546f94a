import { describe, expect, it } from 'vitest'
import { markCopies } from '../../src/audit/copies.ts'
import { digestOf } from '../../src/format/digest.ts'
import { miner, resultOf, root, urn } from './fixtures.ts'
import type { Verdict, VerdictStatus } from '../../src/interface/verdict.ts'

function verdictOf (by: number, text: string, status: VerdictStatus, owner?: number): Verdict {
  return {
    miner: miner(by), ref: urn(text), status, reason: 'why', digest: digestOf(root(text)), elapsedMs: 0,
    ...(owner === undefined ? {} : { result: resultOf(miner(owner), text) })
  }
}

function marked (...verdicts: Verdict[]): unknown[] {
  markCopies(verdicts)
  return verdicts.map(({ status, copiedFrom }) => copiedFrom === undefined ? status : [status, copiedFrom])
}

describe('markCopies', () => {
  it.each(['unavailable', 'embargoed'] as const)('takes the first who claimed an %s root for its miner', status => {
    expect(marked(verdictOf(2, 'a', status), verdictOf(1, 'a', status), verdictOf(3, 'a', status)))
      .toEqual([status, ['copied', miner(2)], ['copied', miner(2)]])
  })

  it('believes the manifest where it was read, whoever claimed first', () => {
    expect(marked(verdictOf(2, 'a', 'unavailable'), verdictOf(1, 'a', 'ok', 1))).toEqual([['copied', miner(1)], 'ok'])
    expect(marked(verdictOf(1, 'a', 'unavailable'), verdictOf(2, 'a', 'copied', 1))).toEqual(['unavailable', 'copied'])
  })

  it('leaves one miner with two claims on a root, and miners with roots of their own', () => {
    expect(marked(verdictOf(1, 'a', 'unavailable'), verdictOf(1, 'a', 'unavailable'), verdictOf(2, 'b', 'unavailable')))
      .toEqual(['unavailable', 'unavailable', 'unavailable'])
  })

  it('gives no root to whoever committed to another', () => {
    expect(marked(verdictOf(2, 'a', 'mismatch'), verdictOf(1, 'a', 'unavailable'))).toEqual(['mismatch', 'unavailable'])
  })

  it('leaves what has no root', () => {
    const verdict = (by: number): Verdict => ({ miner: miner(by), ref: 'x', status: 'malformed', reason: 'why', elapsedMs: 0 })
    expect(marked(verdict(1), verdict(2))).toEqual(['malformed', 'malformed'])
  })

  it('says what became of it beside whose it is', () => {
    const verdicts = [verdictOf(1, 'a', 'unavailable'), verdictOf(2, 'a', 'embargoed')]
    markCopies(verdicts)
    expect(verdicts[1]?.reason).toBe(`${urn('a')} was claimed by ${miner(2)}, and belongs to ${miner(1)}; it was embargoed: why`)
  })
})
