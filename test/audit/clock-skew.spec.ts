import { expect, test } from 'vitest'
import { ClockSkew } from '../../src/audit/clock-skew.ts'
import { statementSkewMsMax } from '../../src/limits.ts'

const now = 1_700_000_000_000

/** What this node hears whose clock is ahead of each router's by so much. */
function skewOf (...aheadMs: number[]): number | undefined {
  const skew = new ClockSkew()
  for (const [at, ms] of aheadMs.entries()) skew.note(`router ${at}`, { sentAt: now - 10, receivedAt: now + 10, time: now - ms })
  return skew.ms
}

test('is none when clocks differ by no more than they may', () => {
  expect(skewOf()).toBeUndefined()
  expect(skewOf(0, statementSkewMsMax, -statementSkewMsMax)).toBeUndefined()
})

test('is what most routers say', () => {
  const far = statementSkewMsMax + 1
  expect(skewOf(far)).toBe(far)
  expect(skewOf(-far, -far, 0)).toBe(-far)
  expect(skewOf(far, 0)).toBeUndefined()
  expect(skewOf(far, -far)).toBeUndefined()
  expect(skewOf(far, far + 50, far + 20, 0)).toBe(far + 20)
})

test('counts what a router said last', () => {
  const skew = new ClockSkew()
  skew.note('router', { sentAt: now, receivedAt: now, time: 0 })
  skew.note('router', { sentAt: now, receivedAt: now, time: now })
  expect(skew.ms).toBeUndefined()
})
