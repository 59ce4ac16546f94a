import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { TaskLogs } from '../../src/evm/task-logs.ts'
import { FakeChain, contract } from '../support/evm/fake-endpoint.ts'
import type { EventFilter } from '../../src/evm/task-logs.ts'
import type { TaskEvent } from '../../src/interface/chain.ts'

const [first, second] = [`0x${'01'.repeat(20)}`, `0x${'02'.repeat(20)}`] as const

function logsOf (fake: FakeChain): { chain: Chain, logs: TaskLogs } {
  const chain = new Chain(fake.endpoints)
  return { chain, logs: new TaskLogs(chain, { chainId: '1', queue: contract }) }
}

async function read (fake: FakeChain, filter: EventFilter): Promise<TaskEvent[]> {
  const { chain, logs } = logsOf(fake)
  return (await Array.fromAsync(logs.read(0n, await chain.head(0, {}), filter, {}))).flatMap(({ events }) => events)
}

function twoTasks (): FakeChain {
  const fake = new FakeChain()
  fake.add(['TaskQueued', 1n, 0n, 0n, 'a'], ['TaskQueued', 2n, 0n, 1n, 'b'])
  fake.add(['TaskAssigned', 1n, 0n, [first]], ['TaskAssigned', 2n, 0n, [second]], ['TaskPrecommitEnded', 2n, 0n])
  fake.add(['TaskAcked', 1n, 1n, first])
  return fake
}

test('gives events with the times of their blocks', async () => {
  const events = await read(twoTasks(), {})
  expect(events.map(({ type, time, blockNumber }) => `${type} ${blockNumber} ${time}`)).toEqual(['queued 0 1000', 'queued 0 1000',
    'assigned 1 1010', 'assigned 1 1010', 'precommit-over 1 1010', 'acknowledged 2 1020'])
})

test.each<[EventFilter, string[]]>([
  [{ sessionId: '1' }, ['queued', 'assigned', 'acknowledged']],
  [{ sessionId: '1', taskId: '0' }, ['queued', 'assigned']],
  [{ types: ['assigned', 'precommit-over'] }, ['assigned', 'assigned', 'precommit-over']],
  [{ miner: second }, ['queued', 'queued', 'assigned', 'precommit-over']],
  [{ miner: first, types: ['assigned', 'acknowledged'] }, ['assigned', 'acknowledged']]
])('keeps of them what %j says', async (filter, expected) => {
  expect((await read(twoTasks(), filter)).map(({ type }) => type)).toEqual(expected)
})

test('a block that is not in the chain any more is an error that says so', async () => {
  const fake = twoTasks()
  const { chain, logs } = logsOf(fake)
  const head = await chain.head(0, {})
  await logs.confirm(head, {})
  fake.fork(1)
  await expect(logs.confirm(head, {})).rejects.toThrow(ChainError)
  fake.add(['TaskAcked', 1n, 1n, first])
  await expect(logs.confirm(head, {})).rejects.toThrow('Block 2 is not the one any more that it was')
  await expect(Array.fromAsync(logs.read(0n, head, {}, {}))).rejects.toThrow('try again')
})
