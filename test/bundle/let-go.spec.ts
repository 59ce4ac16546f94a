import { expect, test } from 'vitest'
import { letGo } from '../../src/bundle/let-go.ts'

test('lets bundles go when nothing is kept for the audit trail any more', async () => {
  const done: string[] = []
  const statements = { settle: async (): Promise<void> => { done.push('settle') } }
  const store = { path: 'here' }
  expect(await letGo({ store, statements }, async given => done.push(given.path))).toBe(2)
  expect(done).toEqual(['settle', 'here'])
})
