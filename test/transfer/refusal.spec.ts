import { describe, expect, it } from 'vitest'
import { refusalOf } from '../../src/transfer/refusal.ts'

const details = { peer: 'id', root: 'bafyroot', retryAfterMs: 5 }

describe('refusalOf', () => {
  it.each([
    ['not-available', 'UnavailableError', '0xa does not have bafyroot for us'],
    ['embargoed', 'UnavailableError', '0xa has not revealed bafyroot yet'],
    ['busy', 'RefusedError', '0xa is busy'],
    ['bad-request', 'RefusedError', '0xa refused the request for bafyroot: bad-request'],
    ['unknown', 'RefusedError', '0xa refused the request for bafyroot: unknown']
  ] as const)('says what %s means', (status, name, message) => {
    expect(refusalOf(status, '0xa', details)).toMatchObject({ name, message, details: { peer: 'id', status, retryAfterMs: 5 } })
  })

  it('says nothing of an answer that is as it should be', () => {
    expect(refusalOf('ok', '0xa', details)).toBeUndefined()
  })
})
