import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { watchTasks } from '../../src/evm/watch-tasks.ts'
import { chainRetryMsMax } from '../../src/limits.ts'
import type { TaskEvent } from '../../src/interface/chain.ts'

const event = { type: 'precommit-over' } as TaskEvent

/** Looks that give so many events, or fail; then the signal is aborted. */
function looking (...looks: (number | Error)[]): { look: () => AsyncGenerator<TaskEvent>, signal: AbortSignal } {
  const controller = new AbortController()
  const look = async function * (): AsyncGenerator<TaskEvent> {
    const next = looks.shift()
    if (next === undefined) controller.abort(new Error('enough'))
    else if (typeof next === 'number') yield * Array.from({ length: next }, () => event)
    else throw next
  }
  return { look, signal: controller.signal }
}

async function run (looks: (number | Error)[]): Promise<{ count: number, slept: number[], errors: Error[], ended: unknown }> {
  const { look, signal } = looking(...looks)
  const [slept, errors]: [number[], Error[]] = [[], []]
  const sleep = async (milliseconds: number): Promise<void> => { slept.push(milliseconds) }
  let count = 0
  try {
    const events = watchTasks({ look }, { pollMs: 1_000, signal, sleep, onError: error => { errors.push(error) } })
    while ((await events.next()).done !== true) count++
    return { count, slept, errors, ended: undefined }
  } catch (ended) {
    return { count, slept, errors, ended }
  }
}

test('gives all that looks give, and rests between them', async () => {
  const { count, slept, ended } = await run([2, 0, 3])
  expect({ count, slept }).toEqual({ count: 5, slept: [1_000, 1_000, 1_000, 1_000] })
  expect(ended).toEqual(new Error('enough'))
})

test('looks less and less often while nobody answers, says so each time, and then as before', async () => {
  const down = Array.from({ length: 8 }, (_, index) => new ChainError(`down ${index}`))
  const { slept, errors, count } = await run([1, ...down, 1, 1])
  expect(slept).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, chainRetryMsMax, chainRetryMsMax, chainRetryMsMax, 1_000, 1_000, 1_000])
  expect({ errors, count }).toEqual({ errors: down, count: 3 })
})

test('ends with an error that no waiting mends', async () => {
  const lost = Object.assign(new ChainError('lost'), { retryable: false })
  expect(await run([1, lost, 1])).toMatchObject({ count: 1, ended: lost, errors: [] })
  const bug = new TypeError('a bug')
  expect(await run([bug])).toMatchObject({ ended: bug })
})

test('ends with the reason of the signal while it rests', async () => {
  const controller = new AbortController()
  const reason = new Error('enough')
  const look = async function * (): AsyncGenerator<TaskEvent> {
    queueMicrotask(() => { controller.abort(reason) })
    yield event
  }
  const events = watchTasks({ look }, { pollMs: 86_400_000, signal: controller.signal })
  expect((await events.next()).value).toBe(event)
  await expect(events.next()).rejects.toBe(reason)
})
