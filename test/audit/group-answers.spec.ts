import { expect, it } from 'vitest'
import { groupAnswers } from '../../src/audit/group-answers.ts'
import { miner } from './fixtures.ts'

const answers = [[1, '0xa'], [2, '0xb'], [3, '0xa'], [4, '0xc']].map(([by, content]) => ({ miner: miner(by as number), content: content as '0xa' }))

it('groups by equal content, the largest group first', () => {
  expect(groupAnswers(answers, { agreementScore: 1 }).map(({ miners }) => miners)).toEqual([[miner(1), miner(3)], [miner(2)], [miner(4)]])
})

it('lets only those join a group who agree with all in it', () => {
  const score = (a: string, b: string, score: number): object => ({ contents: [a, b], score })
  const chain = [score('0xa', '0xb', 0.9), score('0xa', '0xc', 0.1), score('0xb', '0xc', 0.9)] as never
  expect(groupAnswers(answers, { comparisons: chain, agreementScore: 0.9 }).map(({ miners }) => miners))
    .toEqual([[miner(1), miner(2), miner(3)], [miner(4)]])
  expect(groupAnswers(answers, { comparisons: chain, agreementScore: 0.1 })).toHaveLength(1)
})
