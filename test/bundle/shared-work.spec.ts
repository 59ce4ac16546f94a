import { expect, test } from 'vitest'
import { SharedWork } from '../../src/bundle/shared-work.ts'

test('gives one result to all', async () => {
  let count = 0
  const work = new SharedWork(async () => ++count)
  expect(await Promise.all([work.join(), work.join()])).toEqual([1, 1])
})

test('is aborted with the reason of the last who leaves, not before', async () => {
  let signal: AbortSignal | undefined
  const work = new SharedWork(async own => {
    signal = own
    return new Promise<never>(() => {})
  })
  const aborts = [new AbortController(), new AbortController()]
  const waits = aborts.map(async abort => work.join(abort.signal))
  const [first, last] = [new Error('first'), new Error('last')]
  aborts[0]?.abort(first)
  await expect(waits[0]).rejects.toBe(first)
  expect(signal?.aborted).toBe(false)
  aborts[1]?.abort(last)
  await expect(waits[1]).rejects.toBe(last)
  expect(signal?.reason).toBe(last)
  expect(work.isAborted).toBe(true)
})

test('refuses who comes with an aborted signal, and does not count them', async () => {
  const work = new SharedWork(async () => 1)
  const reason = new Error('before')
  await expect(work.join(AbortSignal.abort(reason))).rejects.toBe(reason)
  expect(work.isAborted).toBe(false)
})

test('fails for all, and unseen when nobody waits', async () => {
  const error = new Error('work')
  const work = new SharedWork(async () => Promise.reject(error))
  await Promise.resolve()
  await expect(work.join()).rejects.toBe(error)
})

test('says when it has ended, however that was', async () => {
  const { promise, reject } = Promise.withResolvers<never>()
  const work = new SharedWork(async () => promise)
  let hasEnded = false
  const ended = work.ended.then(() => { hasEnded = true })
  const controller = new AbortController()
  controller.abort(new Error('enough'))
  await expect(work.join(controller.signal)).rejects.toThrow('enough')
  expect(hasEnded).toBe(false)
  reject(new Error('broken'))
  await ended
})
