import { expect, test } from 'vitest'
import { damagedTrail } from '../../src/audit/damaged-trail.ts'

test('says what is wrong and what to do, and keeps what was below', () => {
  const cause = new Error('below')
  const error = damagedTrail('its checkpoint is missing', cause)
  expect(error).toMatchObject({ name: 'DamagedTrailError', code: 'ERR_DAMAGED_TRAIL', retryable: false, cause })
  expect(error.message).toBe('The audit trail is damaged: its checkpoint is missing. Nothing is appended to it; restore its ' +
    'directory, or begin another log with an empty repository')
})
