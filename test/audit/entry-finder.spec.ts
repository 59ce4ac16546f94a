import { expect, test } from 'vitest'
import { EntryFinder } from '../../src/audit/entry-finder.ts'
import { numbered } from './trails.ts'

test('finds every entry of a log that grows, among as many as are asked for', async () => {
  const entries: Uint8Array[] = []
  const finder = new EntryFinder(async tile => entries.slice(tile * 256, (tile + 1) * 256))
  for (const size of [1, 255, 256, 257, 600]) {
    entries.push(...numbered(size - entries.length, entries.length))
    for (const index of [0, size - 1, Math.floor(size / 2)]) expect(await finder.find(entries[index]!, size)).toBe(index)
    expect(await finder.find(numbered(1, size)[0]!, size)).toBeUndefined()
  }
  expect(await finder.find(entries[300]!, 300)).toBeUndefined()
  expect(await finder.find(entries[299]!, 300)).toBe(299)
})

test('reads each tile once, and again from where it could not be read', async () => {
  const entries = numbered(700)
  const read: number[] = []
  let fails = true
  const finder = new EntryFinder(async tile => {
    read.push(tile)
    if (fails && tile === 2) throw new Error('not now')
    return entries.slice(tile * 256, (tile + 1) * 256)
  })
  await expect(finder.find(entries[699]!, 700)).rejects.toThrow('not now')
  fails = false
  expect(await finder.find(entries[699]!, 700)).toBe(699)
  read.length = 0
  expect(await finder.find(entries[1]!, 700)).toBe(1)
  expect(read).toEqual([0])
})
