import { expect, test } from 'vitest'
import { forEachConcurrent } from '../../src/format/concurrent.ts'

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

test('begins a job while others run, however short they are and however the items come', async () => {
  const later = (async function * () {
    for (const item of [1, 2, 3, 4, 5]) yield await Promise.resolve(item)
  })()
  for (const items of [[1, 2, 3, 4, 5], later]) {
    let running = 0
    let most = 0
    const begun: number[] = []
    await forEachConcurrent(items, 2, async item => {
      begun.push(item)
      most = Math.max(most, ++running)
      for (let turn = 0; turn < 5; turn++) await Promise.resolve()
      running--
    })
    expect(begun).toEqual([1, 2, 3, 4, 5])
    expect(most).toBe(2)
  }
})

test('takes no more items than it has jobs for, and ends the items after a failure', async () => {
  let taken = 0
  let isEnded = false
  const items = (async function * () {
    try {
      for (;;) yield await Promise.resolve(++taken)
    } finally {
      isEnded = true
    }
  })()
  const { promise, reject } = Promise.withResolvers<undefined>()
  const work = forEachConcurrent(items, 3, async () => { await promise })
  await new Promise(setImmediate)
  expect(taken).toBe(3)
  reject(new Error('enough'))
  await expect(work).rejects.toThrow('enough')
  expect(taken).toBe(3)
  expect(isEnded).toBe(true)
})

test('does nothing for no items', async () => {
  await forEachConcurrent([], 2, () => Promise.reject(new Error('never')))
})
