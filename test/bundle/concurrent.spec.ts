import { expect, test } from 'vitest'
import { forEachConcurrent } from '../../src/bundle/concurrent.ts'

test('does every job, never more at a time than allowed', async () => {
  const done: number[] = []
  let running = 0
  let most = 0
  await forEachConcurrent([1, 2, 3, 4, 5, 6, 7], 3, async item => {
    most = Math.max(most, ++running)
    await new Promise(resolve => { setImmediate(resolve) })
    running--
    done.push(item)
  })
  expect(done.sort()).toEqual([1, 2, 3, 4, 5, 6, 7])
  expect(most).toBe(3)
})

test('starts nothing after a failure, and rejects when what runs has ended', async () => {
  const started: number[] = []
  const { promise, resolve } = Promise.withResolvers<undefined>()
  let slowEnded = false
  const work = forEachConcurrent([1, 2, 3, 4], 2, async item => {
    started.push(item)
    if (item === 2) throw new Error('two')
    await promise
    slowEnded = true
  })
  resolve(undefined)
  await expect(work).rejects.toThrow('two')
  expect(started).toEqual([1, 2])
  expect(slowEnded).toBe(true)
})

test('passes on what its items throw, when what runs has ended', async () => {
  let ended = false
  const items = (function * () {
    yield 1
    throw new Error('items')
  })()
  await expect(forEachConcurrent(items, 5, async () => {
    await Promise.resolve()
    ended = true
  })).rejects.toThrow('items')
  expect(ended).toBe(true)
})
