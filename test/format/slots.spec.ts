import { expect, test } from 'vitest'
import { KeyedSlots, Slots } from '../../src/format/slots.ts'

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

test('tells whether somebody waits', async () => {
  const slots = new Slots(1)
  const release = await slots.take()
  expect(slots.isAwaited).toBe(false)
  const next = slots.take()
  expect(slots.isAwaited).toBe(true)
  release()
  expect(slots.isAwaited).toBe(false)
  await next
})

test('begins at once what there is room for, so much for a key and so much in all', async () => {
  const keyed = new KeyedSlots({ all: 3, each: 2 })
  const begun: string[] = []
  const ends: (() => void)[] = []
  const start = (key: string): Promise<void> => keyed.run(key, async () => {
    begun.push(key)
    await new Promise<void>(resolve => { ends.push(resolve) })
  })
  const all = ['a', 'a', 'a', 'b', 'c', 'a'].map(start)
  expect(begun).toEqual(['a', 'a', 'b'])
  expect([keyed.used, keyed.waiting, keyed.usedBy('a'), keyed.usedBy('b'), keyed.usedBy('c')]).toEqual([3, 3, 2, 1, 0])
  for (const expected of [['c'], ['c', 'a'], ['c', 'a', 'a']]) {
    // The other key's work ends first: the first that waits may not begin for it.
    ends.splice(begun.length === 3 ? 2 : 0, 1)[0]?.()
    await new Promise(setImmediate)
    expect(begun.slice(3)).toEqual(expected)
  }
  for (const end of ends) end()
  await Promise.all(all)
  expect([keyed.used, keyed.waiting, keyed.usedBy('a')]).toEqual([0, 0, 0])
})

test('passes a slot on that was given to somebody who is aborted in the same moment', async () => {
  const slots = new Slots(1)
  const controller = new AbortController()
  const release = await slots.take()
  const given = slots.take({ signal: controller.signal })
  const next = slots.take()
  release()
  controller.abort(new Error('enough'))
  await expect(given).rejects.toThrow('enough')
  await next
})
