import { describe, expect, it } from 'vitest'
import { checkHash } from '../../src/audit/check-hash.ts'
import { digestOf } from '../../src/format/digest.ts'
import { formatUrn } from '../../src/format/reference.ts'
import { root } from './fixtures.ts'

describe('checkHash', () => {
  it('accepts the digest of the root, in either case', async () => {
    const digest = digestOf(root('a'))
    await checkHash(root('a'), digest)
    await checkHash(root('a'), `0x${digest.slice(2).toUpperCase()}`)
  })

  it('names both hashes of a mismatch', async () => {
    await expect(checkHash(root('a'), digestOf(root('b')))).rejects.toMatchObject({
      name: 'MismatchError', details: { expected: digestOf(root('b')), actual: digestOf(root('a')) }
    })
  })

  it('asks the function of the host for the hash of the URN', async () => {
    await checkHash(root('a'), '0x01', urn => urn === formatUrn(root('a')) ? '0x01' : '0x02')
    await expect(checkHash(root('b'), '0x01', async urn => await Promise.resolve(urn === formatUrn(root('a')) ? '0x01' : '0x02')))
      .rejects.toMatchObject({ name: 'MismatchError' })
  })
})
