import { expect, it } from 'vitest'
import { recheckAgreements } from '../../src/audit/recheck-agreements.ts'
import { miner } from './fixtures.ts'
import type { EvidenceVerdict } from '../../src/interface/evidence.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const content = (n: number): Hex => `0x${String(n).repeat(64)}`
const ok = (by: number, n: number): EvidenceVerdict => ({ miner: miner(by), ref: 'x', status: 'ok', reason: 'x', content: content(n) })
const verdicts = [ok(1, 1), ok(2, 2), ok(3, 2), { ...ok(4, 1), status: 'copied' as const }]
const byContent = [{ content: content(2), miners: [miner(2), miner(3)] }, { content: content(1), miners: [miner(1)] }]
const all = [{ content: content(1), miners: [miner(1), miner(2), miner(3)] }]
const comparisons = [{ contents: [content(1), content(2)] as [Hex, Hex], score: 0.8 }]

it('proves groups of equal content', () => {
  expect(recheckAgreements({ verdicts, agreements: byContent })).toMatchObject({ code: 'agreement', holds: 'proven', words: expect.stringContaining(`${miner(2)} and ${miner(3)}`) as string })
  expect(recheckAgreements({ verdicts: [], agreements: [] })).toMatchObject({ holds: 'proven', words: 'agreeing by equal content, recomputed: nobody' })
})

it('refutes groups that are others, or stand in another order', () => {
  for (const agreements of [all, byContent.toReversed(), [byContent[0]!]]) expect(recheckAgreements({ verdicts, agreements })).toMatchObject({ holds: 'refuted' })
})

it('takes the scores for the word of whoever recorded them, and refutes groups that follow from none', () => {
  expect(recheckAgreements({ verdicts, agreements: all, comparisons })).toMatchObject({ holds: 'not-proven', words: expect.stringContaining('a score of 0.8') as string })
  expect(recheckAgreements({ verdicts, agreements: byContent, comparisons })).toMatchObject({ holds: 'not-proven', words: expect.stringContaining('Infinity') as string })
  expect(recheckAgreements({ verdicts, agreements: byContent.toReversed(), comparisons })).toMatchObject({ holds: 'refuted' })
})
