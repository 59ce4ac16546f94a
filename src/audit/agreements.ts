import { compareAnswers } from './compare.ts'
import { groupAnswers } from './group-answers.ts'
import type { Verdict, Verdicts } from '../interface/verdict.ts'
import type { Hex } from '../interface/primitives.ts'
import type { Answer, CompareInit } from './compare.ts'

/** How agreement is found. */
export interface AgreementInit extends Omit<CompareInit, 'compare'> {
  /** By default only equal content agrees. */
  compare: CompareInit['compare'] | undefined
  /** Score from which two answers agree. */
  agreementScore: number
}

/**
 * Finds out which answers agree: see {@link groupAnswers}.
 *
 * Rejects with the signal's reason only.
 */
export async function findAgreements (
  verdicts: readonly Verdict[], { compare, agreementScore, ...init }: AgreementInit
): Promise<Pick<Verdicts, 'agreements' | 'comparisons'>> {
  const answers = [...answersIn(verdicts).values()]
  const comparisons = compare === undefined ? undefined : await compareAnswers(answers, { compare, ...init })
  const given = verdicts.flatMap(({ status, content, result, miner }) =>
    status !== 'ok' || content === undefined || result === undefined ? [] : [{ content, miner }])
  const agreements = groupAnswers(given, { comparisons, agreementScore })
  return { agreements, ...(comparisons === undefined ? {} : { comparisons }) }
}

/** The different answers, each as it was given first. */
function answersIn (verdicts: readonly Verdict[]): Map<Hex, Answer> {
  const answers = new Map<Hex, Answer>()
  for (const { status, content, result } of verdicts) {
    if (status !== 'ok' || content === undefined || result === undefined || answers.has(content)) continue
    answers.set(content, { content, result })
  }
  return answers
}
