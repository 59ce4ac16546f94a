import type { Agreement, Comparison } from '../interface/verdict.ts'
import type { Hex } from '../interface/primitives.ts'

/** Whose answer has which content, in the order of the claims. */
export interface GivenAnswer extends Pick<Agreement, 'content'> {
  miner: Agreement['miners'][number]
}

/** How alike two contents have to be. */
export interface GroupInit {
  /** Without them only equal content agrees. */
  comparisons?: readonly Comparison[] | undefined
  /** Score from which two answers agree. */
  agreementScore: number
}

/**
 * Groups the miners whose answers agree, the largest group first, then that which was begun first. An answer joins the first
 * group with all of whose answers it agrees, in the order of the claims; so the same scores give the same groups.
 */
export function groupAnswers (answers: readonly GivenAnswer[], { comparisons = [], agreementScore }: GroupInit): Agreement[] {
  const alike = comparisons.filter(({ score = -Infinity }) => score >= agreementScore)
  const pairs = new Set(alike.map(({ contents }) => contents.join()))
  const groups: [Hex, ...Hex[]][] = []
  for (const content of new Set(answers.map(({ content }) => content))) {
    const group = groups.find(group => group.every(other => pairs.has([other, content].join())))
    if (group === undefined) groups.push([content])
    else group.push(content)
  }
  return groups.map(group => agreementOf(group, answers)).sort((a, b) => b.miners.length - a.miners.length)
}

function agreementOf (group: readonly [Hex, ...Hex[]], answers: readonly GivenAnswer[]): Agreement {
  const members = answers.filter(({ content }) => group.includes(content))
  return { content: group[0], miners: [...new Set(members.map(({ miner }) => miner))] }
}
