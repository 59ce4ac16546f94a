import { decodeFunctionData, encodeFunctionResult } from 'viem'
import { expect, test } from 'vitest'
import { QueueCalls } from '../../src/evm/queue-calls.ts'
import { sessionQueueAbi as abi } from '../../src/evm/session-queue-abi.ts'
import { contract } from '../support/evm/fake-endpoint.ts'
import type { Hex } from 'viem'
import type { Call } from '../../src/evm/chain.ts'

const task = { chainId: '1', queue: contract, sessionId: '7', taskId: '3' }
const miner = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
const hash = `0x${'12'.repeat(32)}` as const

/** Calls of a contract that gives this, and what it was asked for. */
function calling (result: Hex): { calls: QueueCalls, asked: Call[] } {
  const asked: Call[] = []
  const calls = new QueueCalls({ call: async (_what, call, decode) => { asked.push(call); return decode(result) } }, contract)
  return { calls, asked }
}

function stored (id: bigint, sessionId: bigint, createdAt = 100n): Hex {
  return encodeFunctionResult({ abi, functionName: 'sessionTasks', result: [id, 0n, sessionId, 'urn', true, 5, createdAt, 110n, 120n, 130n] })
}

test('asks for a task at a block, and reads it', async () => {
  const { calls, asked } = calling(stored(3n, 7n))
  expect(await calls.task(task, 9n, {})).toEqual({ data: 'urn', ended: true, createdAt: 100n, finishedAt: 130n })
  expect(asked).toMatchObject([{ to: contract, at: 9n }])
  expect(decodeFunctionData({ abi, data: asked[0]!.data })).toEqual({ functionName: 'sessionTasks', args: [7n, 3n] })
})

test('refuses another task than the one that was asked for, and takes one that does not exist', async () => {
  await expect(calling(stored(4n, 7n)).calls.task(task, 9n, {})).rejects.toThrow('it gave task 4 of session 7')
  await expect(calling(stored(3n, 8n)).calls.task(task, 9n, {})).rejects.toThrow('it gave task 3 of session 8')
  expect(await calling(stored(0n, 0n, 0n)).calls.task(task, 9n, {})).toMatchObject({ createdAt: 0n })
})

test('reads who answered what, and refuses lists of different lengths', async () => {
  const answers = (results: string[], hashes: Hex[]): QueueCalls =>
    calling(encodeFunctionResult({ abi, functionName: 'getTaskResultsAndHashes', result: [[miner], results, hashes] })).calls
  expect(await answers(['urn'], [hash]).answers(task, 9n, {})).toEqual([{ miner: miner.toLowerCase(), data: 'urn', hash }])
  await expect(answers([], [hash]).answers(task, 9n, {})).rejects.toThrow('not as many results and hashes as miners')
  await expect(answers(['urn'], []).answers(task, 9n, {})).rejects.toThrow('not as many results and hashes as miners')
})

test('reads how many tasks there are, and the hash of a text', async () => {
  expect(await calling(encodeFunctionResult({ abi, functionName: 'getTaskCountBySessionId', result: 5n })).calls.taskCount(task, 9n, {})).toBe(5n)
  expect(await calling(hash).calls.hash('text', 9n, {})).toBe(hash)
})

test.each(['0x12', `0x${'ff'.repeat(64)}`] as const)('refuses %s, which is no answer', async (garbage) => {
  const { calls } = calling(garbage)
  await expect(calls.task(task, 9n, {})).rejects.toThrow()
  await expect(calls.answers(task, 9n, {})).rejects.toThrow()
})
