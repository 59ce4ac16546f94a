import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { turnMsMax } from '../../src/limits.ts'
import { Turn } from '../../src/store/turn.ts'

beforeEach(() => { vi.useFakeTimers({ toFake: ['performance'] }) })
afterEach(() => { vi.useRealTimers() })

test('goes on until its time is over, is passed on to whatever waits, and begins anew then', async () => {
  const turn = new Turn()
  vi.advanceTimersByTime(turnMsMax - 1)
  expect(turn.passOn()).toBeUndefined()
  vi.advanceTimersByTime(1)
  let others = 0
  setImmediate(() => { others++ })
  await turn.passOn()
  expect(others).toBe(1)
  vi.advanceTimersByTime(turnMsMax - 1)
  expect(turn.passOn()).toBeUndefined()
})

test('begins anew when something was waited for', () => {
  const turn = new Turn()
  vi.advanceTimersByTime(turnMsMax)
  turn.begin()
  expect(turn.passOn()).toBeUndefined()
  vi.advanceTimersByTime(turnMsMax)
  expect(turn.passOn()).toBeInstanceOf(Promise)
})
