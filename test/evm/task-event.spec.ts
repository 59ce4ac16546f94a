import { expect, test } from 'vitest'
import { readLogs } from '../../src/evm/rpc-values.ts'
import { concerns, decodeTaskEvent, taskEventTopics } from '../../src/evm/task-event.ts'
import { FakeChain, contract } from '../support/evm/fake-endpoint.ts'
import type { FakeEvent } from '../support/evm/fake-endpoint.ts'
import type { UntimedEvent } from '../../src/evm/task-event.ts'

const place = { chainId: '1', queue: contract }
const mixed = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const miner = '0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed'
const other: `0x${string}` = `0x${'12'.repeat(20)}`
const uint256 = 2n ** 256n - 1n

function decodeAll (...events: FakeEvent[]): UntimedEvent[] {
  const chain = new FakeChain()
  chain.add(...events)
  return readLogs(chain.blocks[0]!.logs).map(log => decodeTaskEvent(log, place))
}

test('reads each event of a task', () => {
  const [queued, ...others] = decodeAll(['TaskQueued', uint256, 0n, 5n, 'urn'], ['TaskAssigned', 1n, 0n, [mixed]], ['TaskAcked', 1n, 0n, mixed],
    ['TaskPrecommitted', 1n, 0n, mixed], ['TaskAllPrecommitted', 1n, 0n, [mixed]], ['TaskPrecommitEnded', 1n, 0n], ['TaskCommitted', 1n, 0n, mixed],
    ['TaskAllCommitted', 1n, 0n, [mixed]], ['TaskCommitEnded', 1n, 0n], ['TaskEnded', 1n, 0n, []])
  expect(queued).toMatchObject({ type: 'queued', data: 'urn', task: { ...place, sessionId: uint256.toString(), taskId: '0' }, blockNumber: '0', removed: false })
  expect(others).toMatchObject([
    { type: 'assigned', miners: [miner] }, { type: 'acknowledged', miner }, { type: 'precommitted', miner },
    { type: 'all-precommitted', miners: [miner] }, { type: 'precommit-over' }, { type: 'committed', miner },
    { type: 'all-committed', miners: [miner] }, { type: 'commit-over' }, { type: 'ended', miners: [] }
  ])
})

test('concerns a miner when it names it, or nobody', () => {
  const events = decodeAll(['TaskAcked', 1n, 0n, mixed], ['TaskAssigned', 1n, 0n, [other, mixed]], ['TaskPrecommitEnded', 1n, 0n])
  expect(events.map(event => concerns(event, miner))).toEqual([true, true, true])
  expect(events.map(event => concerns(event, `0x${'34'.repeat(20)}`))).toEqual([false, false, true])
})

test('refuses data that is cut, and topics that are not known', () => {
  const chain = new FakeChain()
  chain.add(['TaskQueued', 1n, 0n, 5n, 'urn'])
  const [log] = readLogs(chain.blocks[0]!.logs)
  expect(() => decodeTaskEvent({ ...log!, data: log!.data.slice(0, -64) as `0x${string}` }, place)).toThrow()
  expect(() => decodeTaskEvent({ ...log!, topics: [`0x${'00'.repeat(32)}`] }, place)).toThrow()
  expect(new Set(taskEventTopics).size).toBe(10)
})
