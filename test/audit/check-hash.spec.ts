import { describe, expect, it } from 'vitest'
import { checkHash } from '../../src/audit/check-hash.ts'
import { digestOf } from '../../src/format/digest.ts'
import { formatUrn } from '../../src/format/reference.ts'
import { root } from './fixtures.ts'
import type { Hex } from '../../src/interface/primitives.ts'

const [one, two]: [Hex, Hex] = [`0x${'01'.repeat(32)}`, `0x${'02'.repeat(32)}`]

describe('checkHash', () => {
  it.each([null, 5, '', '0x01', one.slice(2), `${one}00`])('calls nobody a cheat for %j, which is no hash', async hash => {
    await expect(checkHash(root('a'), hash as Hex)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(checkHash(root('a'), one, () => hash as Hex)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

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
    const hashOf = (urn: string): Hex => urn === formatUrn(root('a')) ? one : two
    await checkHash(root('a'), one, hashOf)
    await expect(checkHash(root('b'), one, async urn => await Promise.resolve(hashOf(urn))))
      .rejects.toMatchObject({ name: 'MismatchError' })
  })
})
