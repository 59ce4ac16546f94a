import { describe, expect, it } from 'vitest'
import { Rate } from '../../src/transfer/rate.ts'

function start (): { rate: Rate, after: (ms: number, bytes?: number) => number | undefined } {
  let now = 5_000
  const rate = new Rate(() => now)
  return {
    rate,
    after: (ms, bytes = 0) => {
      now += ms
      rate.add(bytes)
      return rate.bytesPerSecond
    }
  }
}

describe('Rate', () => {
  it('is not known before there is something to tell', () => {
    const { after } = start()
    expect(after(0, 100)).toBeUndefined()
    expect(after(249)).toBeUndefined()
    expect(after(1)).toBe(400)
  })

  it('is bytes a second over the last second or two', () => {
    const { after } = start()
    for (let tick = 0; tick < 50; tick++) after(100, 1_000)
    expect(Math.abs((after(0) ?? 0) - 10_000)).toBeLessThanOrEqual(1_000)
  })

  it('falls when nothing comes any more', () => {
    const { after } = start()
    after(500, 10_000)
    expect(after(1_000)).toBeLessThan(10_000)
    expect(after(5_000)).toBe(0)
  })

  it('does not count the time before the first byte', () => {
    const { after } = start()
    after(60_000)
    expect(after(100, 1_000)).toBeUndefined()
    expect(after(400)).toBe(2_000)
  })
})
