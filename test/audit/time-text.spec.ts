import { expect, it } from 'vitest'
import { timeText } from '../../src/audit/time-text.ts'

it.each([['0', '1970-01-01T00:00:00Z'], ['1790000000', '2026-09-21T14:13:20Z'], ['8640000000000', '+275760-09-13T00:00:00Z'],
  ['8640000000001', '8640000000001 s after 1970'], ['18446744073709551615', '18446744073709551615 s after 1970']])('writes %s as %s', (seconds, text) => {
  expect(timeText(seconds)).toBe(text)
})
