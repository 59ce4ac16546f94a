import { vi } from 'vitest'

/**
 * Counts, under fake timers, those that are pending of all that are set from now on for one of these times. What other files of
 * the same process have left running may set timers as well, of which the count of all would know.
 */
export function pendingTimers (...delaysMs: readonly number[]): () => number {
  const pending = new Set<unknown>()
  const { setTimeout: set, clearTimeout: clear } = globalThis
  vi.spyOn(globalThis, 'setTimeout').mockImplementation(((call: (...values: unknown[]) => void, ms?: number, ...values: unknown[]) => {
    const timer = set((...values: unknown[]) => {
      pending.delete(timer)
      call(...values)
    }, ms, ...values)
    if (ms !== undefined && delaysMs.includes(ms)) pending.add(timer)
    return timer
  }) as typeof setTimeout)
  vi.spyOn(globalThis, 'clearTimeout').mockImplementation((timer) => {
    pending.delete(timer)
    clear(timer)
  })
  return () => pending.size
}
