import { expect, test } from 'vitest'
import { untilAborted } from '../../src/store/until-aborted.ts'

const never = new Promise<never>(() => {})

test('gives what the work gives, with and without a signal', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(Promise.resolve(1), {})).toBe(1)
  expect(await untilAborted(Promise.resolve(1), { signal })).toBe(1)
  await expect(untilAborted(Promise.reject(new Error('no')), { signal })).rejects.toThrow('no')
})

test('rejects with the reason of the signal, aborted before or meanwhile', async () => {
  await expect(untilAborted(never, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
  const controller = new AbortController()
  const waiting = untilAborted(never, controller)
  controller.abort('meanwhile')
  await expect(waiting).rejects.toBe('meanwhile')
})

test('leaves no rejection behind that nobody hears of', async () => {
  const work = Promise.withResolvers<never>()
  await expect(untilAborted(work.promise, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
  work.reject(new Error('late'))
  await new Promise(resolve => { setImmediate(resolve) })
})
