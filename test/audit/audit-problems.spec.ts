import { expect, test } from 'vitest'
import { DamagedTrailError, ForkedTrailError, StaleTrailError, StorageError } from '../../src/errors.ts'
import { auditProblems } from '../../src/audit/audit-problems.ts'
import { namedBundlesMax } from '../../src/limits.ts'
import type { AuditState } from '../../src/audit/audit-problems.ts'
import type { KeptFork } from '../../src/audit/forks.ts'
import type { Problem } from '../../src/interface/health.ts'

interface Given {
  failure?: Error
  refusal?: AuditState['guard']['refusal']
  isUnwitnessed?: boolean
  origins?: string[]
  skewMs?: number
}

function problemsOf ({ failure, refusal, isUnwitnessed = false, origins = [], skewMs }: Given): Problem[] {
  return auditProblems({
    statements: { failure }, guard: { refusal }, witnesses: { isUnwitnessed }, skew: { ms: skewMs },
    forks: { all: () => origins.map(origin => ({ origin } as KeptFork)) }
  })
}

test('has none where nothing is wrong', () => {
  expect(problemsOf({})).toEqual([])
})

test.each<[Given, string, Problem['severity'], RegExp]>([
  [{ failure: new DamagedTrailError('a tile is missing') }, 'TRAIL_DAMAGED', 'error', /a tile is missing/],
  [{ failure: new StorageError('EIO') }, 'TRAIL_BEHIND', 'warning', /not in the audit trail yet: EIO/],
  [{ refusal: new StaleTrailError('behind'), failure: new StaleTrailError('behind') }, 'TRAIL_STALE', 'error', /behind/],
  [{ refusal: new ForkedTrailError('two ways', { origin: 'a' }), origins: ['a'] }, 'TRAIL_FORKED', 'error', /two ways/],
  [{ isUnwitnessed: true }, 'TRAIL_UNWITNESSED', 'warning', /no router/],
  [{ origins: ['a', 'b'] }, 'LOG_FORKED', 'warning', /^a, b showed two logs/],
  [{ skewMs: 400_000 }, 'CLOCK_SKEWED', 'error', /400 s ahead of/],
  [{ skewMs: -400_400 }, 'CLOCK_SKEWED', 'error', /400 s behind/]
])('says once what is wrong, and what to do: %j', (given, code, severity, message) => {
  const problems = problemsOf(given)
  expect(problems).toMatchObject([{ code, severity, message: expect.stringMatching(message) as string }])
  expect(problems[0]?.advice).not.toBe('')
})

test('names a few forked logs, and how many more there are', () => {
  const origins = Array.from({ length: namedBundlesMax + 2 }, (_, n) => `log ${n}`)
  expect(problemsOf({ origins })[0]?.message).toContain('and 2 more')
})
