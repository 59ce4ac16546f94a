import { expect, test } from 'vitest'
import { forEachOf, KeyedSlots, Slots } from '../../src/store/slots.ts'

test('lets so many run at once, in the order in which they came', async () => {
  const slots = new Slots(2)
  const order: number[] = []
  let running = 0
  let most = 0
  await Promise.all(Array.from({ length: 6 }, (_, at) => slots.run(async () => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    order.push(at)
    running--
  })))
  expect(most).toBe(2)
  expect(order).toEqual([0, 1, 2, 3, 4, 5])
})

test('frees a slot once, however often that is said', async () => {
  const slots = new Slots(1)
  const release = await slots.take()
  release()
  release()
  await slots.take()
  const waiting = slots.take({ signal: AbortSignal.abort(new Error('waits')) })
  await expect(waiting).rejects.toThrow('waits')
})

test('gives up waiting with the reason of the signal, and does not lose the slot', async () => {
  const slots = new Slots(1)
  const release = await slots.take()
  const controller = new AbortController()
  const reason = new Error('enough')
  const waiting = slots.take({ signal: controller.signal })
  const next = slots.take()
  controller.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  release()
  const releaseNext = await next
  releaseNext()
  await slots.take()
})

test('frees the slot of work that fails', async () => {
  const slots = new Slots(1)
  await expect(slots.run(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
  await slots.run(() => Promise.resolve())
})

test('works on one key at a time and on different keys at once', async () => {
  const keyed = new KeyedSlots()
  const order: string[] = []
  const work = (name: string) => async (): Promise<void> => {
    order.push(`${name} begins`)
    await Promise.resolve()
    await Promise.resolve()
    await Promise.resolve()
    order.push(`${name} ends`)
  }
  await Promise.all([keyed.run('a', work('a1')), keyed.run('a', work('a2')), keyed.run('b', work('b'))])
  expect(order.indexOf('a1 ends')).toBeLessThan(order.indexOf('a2 begins'))
  expect(order.indexOf('b begins')).toBeLessThan(order.indexOf('a1 ends'))
})

test('does the same to every item, so many at once, and stops at the first failure', async () => {
  const seen: number[] = []
  let running = 0
  let most = 0
  await forEachOf([1, 2, 3, 4, 5], 2, async item => {
    most = Math.max(most, ++running)
    await Promise.resolve()
    seen.push(item)
    running--
  })
  expect(seen).toEqual([1, 2, 3, 4, 5])
  expect(most).toBe(2)
  const begun: number[] = []
  const failing = forEachOf([1, 2, 3, 4, 5], 2, item => {
    begun.push(item)
    return item === 2 ? Promise.reject(new Error('two')) : Promise.resolve()
  })
  await expect(failing).rejects.toThrow('two')
  expect(begun.length).toBeLessThan(5)
  await forEachOf([], 2, () => Promise.reject(new Error('never')))
})
