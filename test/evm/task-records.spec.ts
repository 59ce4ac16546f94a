import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { TaskLogs } from '../../src/evm/task-logs.ts'
import { TaskRecords } from '../../src/evm/task-records.ts'
import { chainReadAttemptsMax, taskReadConcurrency } from '../../src/limits.ts'
import { FakeChain, contract } from '../support/evm/fake-endpoint.ts'
import type { QueueCalls, StoredAnswer, StoredTask } from '../../src/evm/queue-calls.ts'

const session = { chainId: '1', queue: contract, sessionId: '7' }
const miner = `0x${'01'.repeat(20)}` as const
const none = `0x${'00'.repeat(32)}` as const

/** Records over a chain in memory whose contract has so many tasks, all made in block 1. */
function recordsOf (fake: FakeChain, { tasks = 1, onCall = () => {} }: { tasks?: number, onCall?: () => void } = {}): TaskRecords {
  const chain = new Chain(fake.endpoints)
  const calls: Pick<QueueCalls, 'task' | 'answers' | 'taskCount'> = {
    task: async ({ taskId }): Promise<StoredTask> => {
      onCall()
      const createdAt = Number(taskId) < tasks ? 1_010n : 0n
      return { data: `urn ${taskId}`, ended: false, createdAt, finishedAt: 0n }
    },
    answers: async (): Promise<StoredAnswer[]> => [{ miner, data: '', hash: none }],
    taskCount: async () => BigInt(tasks)
  }
  const logs = new TaskLogs(chain, { chainId: '1', queue: contract })
  return new TaskRecords({ chain, calls: calls as QueueCalls, logs, fromBlock: 0n, confirmations: 0 })
}

function chainWith (tasks: number): FakeChain {
  const fake = new FakeChain()
  fake.add(['TaskAssigned', 7n, 0n, [miner]])
  fake.add(...Array.from({ length: tasks }, (_, index) => ['TaskAssigned', 7n, BigInt(index), [miner]] as const))
  fake.add()
  return fake
}

test('a record has no hash, no data and no times that never came', async () => {
  const task = { ...session, taskId: '0' }
  expect(await recordsOf(chainWith(1)).read(task, {}))
    .toEqual({ task, data: 'urn 0', createdAt: '1010', ended: false, miners: [{ miner, assignedAt: '1010' }] })
})

test('reads all tasks of a session in their order', async () => {
  const tasks = 2 * taskReadConcurrency + 1
  const read = await Array.fromAsync(recordsOf(chainWith(tasks), { tasks }).all(session, {}))
  expect(read.map(({ task, miners }) => [task.taskId, miners[0]?.assignedAt])).toEqual(Array.from({ length: tasks }, (_, index) => [String(index), '1010']))
  expect(await Array.fromAsync(recordsOf(chainWith(0), { tasks: 0 }).all(session, {}))).toEqual([])
})

test('reads anew when the chain is reorganised meanwhile, and gives up when it always is', async () => {
  const task = { ...session, taskId: '0' }
  let reads = 0
  const move = (fake: FakeChain): void => {
    fake.fork(1)
    fake.add()
  }
  const once = chainWith(1)
  expect(await recordsOf(once, { onCall: () => { if (++reads === 1) move(once) } }).read(task, {})).toMatchObject({ data: 'urn 0' })
  expect(reads).toBe(2)
  const always = chainWith(1)
  reads = 0
  await expect(recordsOf(always, { onCall: () => { reads++; move(always) } }).read(task, {})).rejects.toThrow(ChainError)
  expect(reads).toBe(chainReadAttemptsMax)
})

test('a task that is not there is an error, and is looked for once', async () => {
  let reads = 0
  await expect(recordsOf(chainWith(1), { onCall: () => { reads++ } }).read({ ...session, taskId: '1' }, {})).rejects.toThrow('There is no task 1 of session 7')
  expect(reads).toBe(1)
})
