import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { untilAborted } from '../../src/format/until-aborted.ts'

const never = new Promise<never>(() => {})
const reason = new Error('mine')

describe('untilAborted', () => {
  it('ends as the work does, with a signal and without', async () => {
    const failure = new TypeError('work')
    for (const signal of [undefined, new AbortController().signal]) {
      expect(await untilAborted(Promise.resolve(7), signal)).toBe(7)
      await expect(untilAborted(Promise.reject(failure), signal)).rejects.toBe(failure)
    }
  })

  it('rejects with the reason of the signal, before and while it waits', async () => {
    await expect(untilAborted(never, AbortSignal.abort(reason))).rejects.toBe(reason)
    const controller = new AbortController()
    const waiting = untilAborted(never, controller.signal)
    controller.abort(reason)
    await expect(waiting).rejects.toBe(reason)
  })

  it('lets nothing become an unhandled rejection when the work fails after all', async () => {
    const { promise, reject } = Promise.withResolvers<never>()
    await expect(untilAborted(promise, AbortSignal.abort(reason))).rejects.toBe(reason)
    reject(new Error('late'))
  })

  it('leaves no listener on the signal', async () => {
    const { signal } = new AbortController()
    await untilAborted(Promise.resolve(), signal)
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
