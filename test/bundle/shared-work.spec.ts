import { expect, test } from 'vitest'
import { SharedWork, SharedWorks } from '../../src/bundle/shared-work.ts'

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

test('is not aborted when it has ended', async () => {
  let signal: AbortSignal | undefined
  const work = new SharedWork(async own => {
    signal = own
    return 'done'
  })
  expect(await work.join()).toBe('done')
  expect(signal?.aborted).toBe(false)
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

test('is found by its key until it has ended, or nobody waits for it', async () => {
  const works = new SharedWorks<string>()
  const { promise, resolve } = Promise.withResolvers<string>()
  const work = works.start('a', async () => promise)
  expect([works.running('a'), works.running('b')]).toEqual([work, undefined])
  const joined = work.join()
  resolve('done')
  expect(await joined).toBe('done')
  expect(works.running('a')).toBeUndefined()
  const failing = works.start('a', async () => Promise.reject(new Error('no')))
  await expect(failing.join()).rejects.toThrow('no')
  expect(works.running('a')).toBeUndefined()
})

test('is told what is still ending for its key, and is found although that ends later', async () => {
  const works = new SharedWorks<number>()
  const { promise, resolve } = Promise.withResolvers<number>()
  const first = works.start('a', async () => promise)
  const abort = new AbortController()
  const left = first.join(abort.signal)
  abort.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  expect(works.running('a')).toBeUndefined()
  const told: unknown[] = []
  const second = works.start('a', async (_, previous) => {
    told.push(previous)
    return new Promise<never>(() => {})
  })
  resolve(1)
  await first.ended
  expect(told).toEqual([first])
  expect(works.running('a')).toBe(second)
})
