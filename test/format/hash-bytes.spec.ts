import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { hashBytes } from '../../src/format/hash-bytes.ts'
import { nativeHashBytesMin } from '../../src/limits.ts'

it.each([0, 1, nativeHashBytesMin - 1, nativeHashBytesMin, 1_000_000])('hashes %d bytes as Node.js does, with and without what the runtime has', async size => {
  const bytes = new Uint8Array(size).fill(7)
  const expected = new Uint8Array(createHash('sha256').update(bytes).digest())
  expect(await hashBytes(bytes)).toEqual(expected)
  expect(await hashBytes(bytes, {})).toEqual(expected)
})
