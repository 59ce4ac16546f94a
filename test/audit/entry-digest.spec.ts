import { expect, test } from 'vitest'
import { InvalidArgumentError, NotStoredError } from '../../src/errors.ts'
import { digestOf, notAnEntry } from '../../src/audit/entry-digest.ts'
import { statementDigest } from '../../src/format/eip712.ts'
import { toHex } from '../../src/format/hex.ts'
import { statementOf } from './trails.ts'

test('is that of a statement, or what was given as one', async () => {
  const statement = await statementOf(1)
  const digest = statementDigest(statement)
  expect(digestOf(statement)).toEqual(digest)
  expect(digestOf(toHex(digest))).toEqual(digest)
  expect(() => digestOf('0x12')).toThrow(InvalidArgumentError)
  expect(notAnEntry(digest, 'the log')).toBeInstanceOf(NotStoredError)
  expect(notAnEntry(digest, 'the log').message).toBe(`${toHex(digest)} is not an entry of the log`)
})
