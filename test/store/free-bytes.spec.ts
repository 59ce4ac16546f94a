import { expect, test } from 'vitest'
import { freeSpaceCheckBytes, freeSpaceCheckMs } from '../../src/limits.ts'
import { FreeBytes } from '../../src/store/free-bytes.ts'

test('reckons what is free from what was charged since it was asked', async () => {
  const free = new FreeBytes(async () => 1000, () => 0)
  expect([free.bytes, free.isFresh]).toEqual([undefined, false])
  free.charge(5)
  await free.refresh()
  free.charge(7)
  expect([free.bytes, free.isFresh]).toEqual([993, true])
  free.forget()
  expect([free.bytes, free.isFresh]).toEqual([undefined, false])
})

test('counts what is charged while the system answers', async () => {
  const answer = Promise.withResolvers<number>()
  const free = new FreeBytes(() => answer.promise, () => 0)
  const refreshed = free.refresh()
  free.charge(10)
  answer.resolve(1000)
  await refreshed
  expect(free.bytes).toBe(990)
})

test('is out of date after so many bytes, and after so long', async () => {
  let now = 5
  const free = new FreeBytes(async () => 1e9, () => now)
  await free.refresh()
  free.charge(freeSpaceCheckBytes - 1)
  expect(free.isFresh).toBe(true)
  free.charge(1)
  expect(free.isFresh).toBe(false)
  await free.refresh()
  now += freeSpaceCheckMs - 1
  expect(free.isFresh).toBe(true)
  now += 1
  expect(free.isFresh).toBe(false)
})
