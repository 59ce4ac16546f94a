import { expect, test } from 'vitest'
import { writeConcurrency } from '../../src/limits.ts'
import { emptyState } from '../../src/store/empty-state.ts'

test('knows nothing, and shares nothing with the state of another store', async () => {
  const [one, two] = [emptyState(), emptyState()]
  expect(one.records.size).toBe(0)
  one.doubtful.add('root')
  one.listed.blocks++
  expect(two.doubtful.size).toBe(0)
  expect(two.listed.blocks).toBe(0)
  await one.running.close(1000, async () => {})
  expect(() => { one.running.assertOpen() }).toThrow('closed')
  expect(() => { two.running.assertOpen() }).not.toThrow()
})

test('lets so many files be written at the same time, and no more', async () => {
  const { writes } = emptyState()
  const taken = await Promise.all(Array.from({ length: writeConcurrency }, () => writes.take()))
  let isNext = false
  const next = writes.take().then(() => { isNext = true })
  await new Promise(setImmediate)
  expect(isNext).toBe(false)
  taken[0]?.()
  await next
})
