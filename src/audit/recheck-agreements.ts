import { agreementScoreDefault } from '../limits.ts'
import { groupAnswers } from './group-answers.ts'
import type { EvidenceClaim } from '../interface/evidence.ts'
import type { Agreement } from '../interface/verdict.ts'
import type { RecordedVerdicts } from '../format/verdicts.ts'

/**
 * Groups the answers again that an oracle grouped: by their content, or by the scores that it recorded, which are its own word.
 * From which score on answers agree is not recorded: any that gives those groups will do.
 */
export function recheckAgreements ({ verdicts, agreements, comparisons }: RecordedVerdicts): EvidenceClaim {
  const answers = verdicts.flatMap(({ status, content, miner }) =>
    status !== 'ok' || content === undefined ? [] : [{ miner, content }])
  const claim = { code: 'agreement' as const, subject: agreements[0]?.content ?? 'none' }
  const shown = agreements.map(({ miners }) => miners.join(' and ')).join('; ') || 'nobody'
  if (comparisons === undefined) {
    if (isSame(groupAnswers(answers, { agreementScore: agreementScoreDefault }), agreements)) {
      return { ...claim, holds: 'proven', words: `agreeing by equal content, recomputed: ${shown}` }
    }
    return { ...claim, holds: 'refuted', words: 'the groups of agreeing answers are not those of equal content' }
  }
  const scores = new Set(comparisons.flatMap(({ score }) => score ?? []))
  const isFrom = (agreementScore: number): boolean => isSame(groupAnswers(answers, { comparisons, agreementScore }), agreements)
  const from = [Infinity, ...scores].find(isFrom)
  if (from === undefined) return { ...claim, holds: 'refuted', words: 'no score gives the groups of agreeing answers from the recorded comparisons' }
  return { ...claim, holds: 'not-proven', words: `agreeing from a score of ${from}, by comparisons that are the oracle's own word: ${shown}` }
}

function isSame (a: readonly Agreement[], b: readonly Agreement[]): boolean {
  return JSON.stringify(a.map(parts)) === JSON.stringify(b.map(parts))
}

function parts ({ content, miners }: Agreement): unknown[] {
  return [content, miners]
}
