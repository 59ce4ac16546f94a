import { compareAnswers } from './compare.ts'
import type { Agreement, Comparison, Verdict, Verdicts } from '../interface/verdict.ts'
import type { Hex } from '../interface/primitives.ts'
import type { Answer, CompareInit } from './compare.ts'

/** How agreement is found. */
export interface AgreementInit extends Omit<CompareInit, 'compare'> {
  /** By default only equal content agrees. */
  compare: CompareInit['compare'] | undefined
  /** Score from which two answers agree. */
  agreementScore: number
}

/** In the order of the claims. */
type Group = [Answer, ...Answer[]]

/**
 * Groups the miners whose answers agree, the largest group first, then that which was begun first. An answer joins the first
 * group with all of whose answers it agrees, in the order of the claims; so the same scores give the same groups.
 *
 * Rejects with the signal's reason only.
 */
export async function findAgreements (
  verdicts: readonly Verdict[], { compare, agreementScore, ...init }: AgreementInit
): Promise<Pick<Verdicts, 'agreements' | 'comparisons'>> {
  const answers = [...answersIn(verdicts).values()]
  const comparisons = compare === undefined ? undefined : await compareAnswers(answers, { compare, ...init })
  const groups = groupAnswers(answers, agreeing(comparisons ?? [], agreementScore))
  const agreements = groups.map(group => agreementOf(group, verdicts)).sort((a, b) => b.miners.length - a.miners.length)
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

function agreeing (comparisons: readonly Comparison[], agreementScore: number): (a: Answer, b: Answer) => boolean {
  const alike = comparisons.filter(({ score = -Infinity }) => score >= agreementScore)
  const pairs = new Set(alike.map(({ contents }) => contents.join()))
  return (a, b) => pairs.has([a.content, b.content].join())
}

function groupAnswers (answers: readonly Answer[], agree: (a: Answer, b: Answer) => boolean): Group[] {
  const groups: Group[] = []
  for (const answer of answers) {
    const group = groups.find(group => group.every(other => agree(other, answer)))
    if (group === undefined) groups.push([answer])
    else group.push(answer)
  }
  return groups
}

function agreementOf (group: Group, verdicts: readonly Verdict[]): Agreement {
  const contents = new Set(group.map(({ content }) => content))
  const members = verdicts.filter(({ status, content }) => status === 'ok' && content !== undefined && contents.has(content))
  return { content: group[0].content, miners: [...new Set(members.map(({ miner }) => miner))] }
}
