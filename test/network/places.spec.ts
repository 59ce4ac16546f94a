import { describe, expect, it } from 'vitest'
import { Places } from '../../src/network/places.ts'

/** Lets everything run that can. */
async function settled (): Promise<void> {
  await new Promise(resolve => { setImmediate(resolve) })
}

describe('Places', () => {
  it('lets in as many as there are places, and the others in the order in which they came', async () => {
    const places = new Places(2)
    const order: number[] = []
    const [first, second] = [await places.take(), await places.take()]
    const waiting = [1, 2].map(async (number) => {
      const place = await places.take()
      order.push(number)
      return place
    })
    await settled()
    expect(order).toEqual([])
    expect(places.isAwaited).toBe(true)
    second[Symbol.dispose]()
    await settled()
    expect(order).toEqual([1])
    first[Symbol.dispose]()
    await Promise.all(waiting)
    expect(order).toEqual([1, 2])
    expect(places.isAwaited).toBe(false)
  })

  it('gives a place back once, however often it is disposed of', async () => {
    const places = new Places(1)
    const place = await places.take()
    place[Symbol.dispose]()
    place[Symbol.dispose]()
    await places.take()
    const abort = new AbortController()
    const next = places.take({ signal: abort.signal })
    await settled()
    expect(places.isAwaited).toBe(true)
    abort.abort('enough')
    await expect(next).rejects.toBe('enough')
  })

  it('rejects with the reason of the signal, and the place goes to the next one', async () => {
    const places = new Places(1)
    const place = await places.take()
    const abort = new AbortController()
    const [gone, next] = [places.take({ signal: abort.signal }), places.take()]
    abort.abort('reason')
    await expect(gone).rejects.toBe('reason')
    place[Symbol.dispose]()
    await next
    await expect(places.take({ signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })
})
