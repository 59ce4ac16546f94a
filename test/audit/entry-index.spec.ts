import { expect, test } from 'vitest'
import { EntryIndex } from '../../src/audit/entry-index.ts'
import { numbered } from './trails.ts'

test('finds every entry while it grows, and none that was not added', () => {
  const index = new EntryIndex()
  const entries = numbered(5000)
  for (const [at, entry] of entries.entries()) {
    if (at % 100 === 0) expect([...index.candidates(entry)]).not.toContain(at)
    index.add(entry, at)
  }
  expect(index.size).toBe(5000)
  expect(entries.every((entry, at) => [...index.candidates(entry)].includes(at))).toBe(true)
})

test('gives all entries that begin alike, also at the end of its table', () => {
  const index = new EntryIndex()
  const alike = [0, 1, 2].map(last => Uint8Array.from({ length: 32 }, (_, at) => at < 4 ? 255 : last))
  for (const [at, entry] of alike.entries()) index.add(entry, at + 2 ** 40)
  for (const entry of alike) expect([...index.candidates(entry)].sort()).toEqual([0, 1, 2].map(at => at + 2 ** 40))
  expect([...index.candidates(new Uint8Array(32))]).toEqual([])
})

test('reads entries that are parts of larger buffers', () => {
  const index = new EntryIndex()
  const entries = numbered(2)
  index.add(Buffer.concat(entries).subarray(32), 7)
  expect([...index.candidates(entries[1]!)]).toEqual([7])
})
