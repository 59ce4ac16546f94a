import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { within } from '../../src/network/within.ts'

beforeEach(() => { vi.useFakeTimers() })
afterEach(() => { vi.useRealTimers() })

describe('within', () => {
  it('resolves when the work has ended, in either way, and leaves no timer', async () => {
    await within(1000, Promise.resolve())
    await within(1000, Promise.reject(new Error('failed')))
    expect(vi.getTimerCount()).toBe(0)
  })

  it('resolves when the time is over', async () => {
    let isOver = false
    const over = within(1000, new Promise(() => {})).then(() => { isOver = true })
    await vi.advanceTimersByTimeAsync(999)
    expect(isOver).toBe(false)
    await vi.advanceTimersByTimeAsync(1)
    await over
    expect(isOver).toBe(true)
  })
})
