import { expect, test } from 'vitest'
import { rejecting } from '../../src/store/rejecting.ts'

test('gives what there is to wait for, if anything, and rejects with what is thrown', async () => {
  expect(rejecting(() => undefined)).toBeUndefined()
  const waiting = Promise.resolve()
  expect(rejecting(() => waiting)).toBe(waiting)
  const error = new Error('refused')
  await expect(rejecting(() => { throw error })).rejects.toBe(error)
})
