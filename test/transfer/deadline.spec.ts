import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { withDeadline } from '../../src/transfer/deadline.ts'

const never = (): Promise<never> => new Promise(() => {})
const late = (): Error => new Error('late')
const open = new AbortController().signal

describe('withDeadline', () => {
  it('gives what the work gives', async () => {
    expect(await withDeadline(1000, open, late, async () => await Promise.resolve(7))).toBe(7)
  })

  it('rejects as the work does', async () => {
    const failure = new TypeError('work')
    await expect(withDeadline(1000, open, late, () => Promise.reject(failure))).rejects.toBe(failure)
  })

  it('rejects when time is up, even if the work does not listen', async () => {
    await expect(withDeadline(5, open, late, never)).rejects.toThrow('late')
  })

  it('begins anew when the work says so', async () => {
    vi.useFakeTimers()
    onTestFinished(() => { vi.useRealTimers() })
    let renewed = (): void => {}
    const waiting = withDeadline(1000, open, late, (_, renew) => {
      renewed = renew
      return never()
    })
    const ended = expect(waiting).rejects.toThrow('late')
    vi.advanceTimersByTime(999)
    renewed()
    vi.advanceTimersByTime(999)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(1)
    await ended
  })

  it('rejects with the caller\'s own reason, even if the work does not listen', async () => {
    const controller = new AbortController()
    const waiting = withDeadline(60_000, controller.signal, late, never)
    controller.abort('reason')
    await expect(waiting).rejects.toBe('reason')
  })

  it('rejects with the reason rather than with what the work makes of it', async () => {
    const controller = new AbortController()
    const waiting = withDeadline(60_000, controller.signal, late, signal => new Promise((_, reject) => {
      signal.addEventListener('abort', () => { reject(new TypeError('wrapped')) })
    }))
    controller.abort('reason')
    await expect(waiting).rejects.toBe('reason')
  })

  it('does not start work for a caller that has given up', async () => {
    let started = false
    const work = async (): Promise<void> => {
      started = true
      await Promise.resolve()
    }
    await expect(withDeadline(1000, AbortSignal.abort('before'), late, work)).rejects.toBe('before')
    expect(started).toBe(false)
  })

  it('ends the signal of the work when time is up', async () => {
    let signal: AbortSignal | undefined
    await expect(withDeadline(5, open, late, (given) => {
      signal = given
      return never()
    })).rejects.toThrow('late')
    expect(signal?.reason).toEqual(late())
  })
})
