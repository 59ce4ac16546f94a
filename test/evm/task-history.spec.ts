import { expect, test } from 'vitest'
import { LimitExceededError } from '../../src/errors.ts'
import { TaskHistories } from '../../src/evm/task-history.ts'
import { sessionEventsMax } from '../../src/limits.ts'
import { contract } from '../support/evm/fake-endpoint.ts'
import type { UntimedEvent } from '../../src/evm/task-event.ts'

const [first, second] = [`0x${'01'.repeat(20)}`, `0x${'02'.repeat(20)}`] as const
const place = {
  task: { chainId: '1', queue: contract, sessionId: '7', taskId: '3' }, blockNumber: '1', blockHash: '0x', transaction: '0x', logIndex: 0, removed: false
} as const satisfies Partial<UntimedEvent>

test('keeps when each miner did what, the first time', () => {
  const histories = new TaskHistories()
  histories.add({ ...place, type: 'assigned', miners: [first, second] }, '10')
  histories.add({ ...place, type: 'acknowledged', miner: second }, '11')
  histories.add({ ...place, type: 'precommitted', miner: second }, '12')
  histories.add({ ...place, type: 'committed', miner: second }, '13')
  histories.add({ ...place, type: 'committed', miner: second }, '99')
  histories.add({ ...place, type: 'ended', miners: [first] }, '99')
  expect([...histories.of('3')]).toEqual([
    [first, { assignedAt: '10' }],
    [second, { assignedAt: '10', acknowledgedAt: '11', precommittedAt: '12', committedAt: '13' }]
  ])
  expect([...histories.of('4')]).toEqual([])
})

test('keeps the order of precommits', () => {
  const histories = new TaskHistories()
  histories.add({ ...place, type: 'assigned', miners: [first, second] }, '10')
  histories.add({ ...place, type: 'precommitted', miner: second }, '11')
  histories.add({ ...place, type: 'precommitted', miner: first }, '11')
  expect(histories.precommitted('3')).toEqual([second, first])
  expect(histories.precommitted('4')).toEqual([])
})

test('refuses more events than it keeps', () => {
  const histories = new TaskHistories()
  const miners = Array.from({ length: sessionEventsMax }, () => first)
  histories.add({ ...place, type: 'assigned', miners }, '10')
  expect(() => { histories.add({ ...place, type: 'acknowledged', miner: second }, '11') }).toThrow(LimitExceededError)
})
