import { afterEach, beforeEach, expect, test } from 'vitest'
import { keccak256, toHex } from 'viem'
import { answerTask, resumeAnswer } from '../../src/evm/answer-task.ts'
import { createDataNode } from '../../src/index.ts'
import { FakeMinerQueue } from './fake-miner-queue.ts'
import type { AnsweringNode, AnswerInit } from '../../src/evm/answer-task.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const queueAddress = `0x${'c0'.repeat(20)}` as const
const session = { chainId: '1', queue: queueAddress, sessionId: '7' }
const reference = { ...session, taskId: '0' }

let node: DataNode
let task: TaskBundle
let calls: string[]
let queue: FakeMinerQueue
let init: AnswerInit

beforeEach(async () => {
  node = await createDataNode({ home: ':memory:', privateKey: '5a'.repeat(32) })
  task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
  calls = []
  queue = new FakeMinerQueue(`eip155:1:${queueAddress}`, calls)
  init = {
    task,
    taskId: '0',
    answer: async () => {
      calls.push('answer')
      return await Promise.resolve({ output: 'o' })
    }
  }
})
afterEach(async () => { await node.stop() })

/** The node, which notes what is done with it, and may end after a reveal. */
function noting (killedAfterReveal = false): AnsweringNode {
  const noted = (result: ResultBundle): ResultBundle => new Proxy(result, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name, target)
      if (name !== 'reveal') return typeof value === 'function' ? value.bind(target) as unknown : value
      return async () => {
        calls.push('reveal')
        await target.reveal()
        if (killedAfterReveal) throw new Error('killed after reveal')
      }
    }
  })
  return {
    result: async ref => {
      const result = await node.result(ref)
      return result && noted(result)
    },
    publishResult: async (...args) => {
      calls.push(`publish ${String(args[1].reveal)}`)
      return noted(await node.publishResult(...args))
    }
  }
}

const steps = ['answer', 'publish later', 'precommit', 'precommitOver', 'reveal', 'commit']

test('computes, publishes, precommits, waits, reveals and commits, in this order', async () => {
  const { urn, hash } = await answerTask(noting(), queue, init)
  expect(calls).toEqual(steps)
  expect(queue.state).toEqual({ hash: keccak256(toHex(urn)), data: urn, ended: false })
  expect(hash).toBe(queue.state.hash)
  const result = await node.result(reference)
  expect([result?.urn, result?.revealed]).toEqual([urn, true])
})

test.each([
  { call: 'precommit', when: 'before' }, { call: 'precommit', when: 'after' }, { call: 'precommitOver', when: 'before' },
  { call: 'precommitOver', when: 'after' }, { call: 'reveal', when: 'after' }, { call: 'commit', when: 'before' }, { call: 'commit', when: 'after' }
] as const)('goes on where it was when it ended $when $call, and does nothing twice', async ({ call, when }) => {
  if (call !== 'reveal') queue.fails = { call, when }
  await expect(answerTask(noting(call === 'reveal'), queue, init)).rejects.toThrow(`killed ${when} ${call}`)
  queue.fails = undefined
  const answered = await answerTask(noting(), queue, init)
  expect(calls.filter(made => made !== 'precommitOver')).toEqual(steps.filter(step => step !== 'precommitOver'))
  expect(queue.state.data).toBe(answered.urn)
  const made = calls.length
  expect(await resumeAnswer(noting(), queue, reference)).toEqual(answered)
  expect(calls).toHaveLength(made)
})

test('resumes what was published, and nothing that was not', async () => {
  expect(await resumeAnswer(noting(), queue, reference)).toBeUndefined()
  const { urn } = await node.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'later' })
  expect((await resumeAnswer(noting(), queue, reference))?.urn).toBe(urn)
  expect(calls).toEqual(steps.slice(2))
})

test('reveals nothing of an answer that is not the one of the precommit', async () => {
  queue.state.hash = `0x${'ab'.repeat(32)}`
  await expect(answerTask(noting(), queue, init)).rejects.toMatchObject({ name: 'MismatchError', details: { actual: queue.state.hash } })
  expect((await node.result(reference))?.revealed).toBe(false)
})

test('reveals nothing when the task ended before', async () => {
  queue.state.ended = true
  await expect(answerTask(noting(), queue, init)).rejects.toMatchObject({ name: 'TaskOverError' })
  queue.state.ended = false
  queue.precommitOver = async () => {
    queue.state.ended = true
    await Promise.resolve()
  }
  await expect(answerTask(noting(), queue, init)).rejects.toMatchObject({ name: 'TaskOverError' })
  expect(calls).toEqual(['answer', 'publish later', 'precommit'])
  expect((await node.result(reference))?.revealed).toBe(false)
})

test('refuses a task of another contract or chain, and an answer that is no function', async () => {
  for (const id of [`eip155:2:${queueAddress}`, `eip155:1:0x${'c1'.repeat(20)}`]) {
    await expect(answerTask(noting(), new FakeMinerQueue(id), init)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(resumeAnswer(noting(), new FakeMinerQueue(id), reference)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  }
  await expect(answerTask(noting(), queue, { ...init, answer: 'o' as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  expect(calls).toEqual([])
})
