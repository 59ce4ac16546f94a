import { describe, expect, it } from 'vitest'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { proveInclusion } from '../../src/merkle/inclusion.ts'
import { StreamedInclusion } from '../../src/merkle/streamed-inclusion.ts'
import { numberedLog } from './trees.ts'

const log = numberedLog(40)

describe('StreamedInclusion', () => {
  it('makes the proof that stored hashes make, for every entry of every tree', async () => {
    for (let size = 1; size <= log.entries.length; size++) {
      for (let index = 0; index < size; index++) {
        const inclusion = new StreamedInclusion(index, size)
        for (const entry of log.entries.slice(0, size)) inclusion.append(entry)
        const { entry, hashes } = inclusion.end()
        expect(entry).toEqual(log.entries[index])
        expect(hashes).toEqual(await proveInclusion(index, size, log))
      }
    }
  })

  it('makes the same proof where it is known only at the entry that it is the one', async () => {
    for (let size = 1; size <= log.entries.length; size++) {
      const before = new GrowingTree()
      for (let index = 0; index < size; index++) {
        const inclusion = new StreamedInclusion(index, size, before)
        for (const entry of log.entries.slice(index, size)) inclusion.append(entry)
        expect(inclusion.end()).toEqual({ entry: log.entries[index], hashes: await proveInclusion(index, size, log) })
        before.append(log.entries[index] ?? new Uint8Array())
      }
    }
  })

  it('refuses other entries before it', () => {
    expect(() => new StreamedInclusion(1, 3, new GrowingTree())).toThrow('1 entries are before entry 1, and 0 were given')
  })

  it('refuses an entry that the tree does not have', () => {
    expect(() => new StreamedInclusion(3, 3)).toThrow('A tree of 3 entries has no entry 3')
    expect(() => new StreamedInclusion(0, 0)).toThrow('has no entry 0')
  })

  it.each([2, 4])('refuses to end after %i entries of 3', count => {
    const inclusion = new StreamedInclusion(1, 3)
    for (const entry of log.entries.slice(0, count)) inclusion.append(entry)
    expect(() => inclusion.end()).toThrow(`A tree of 3 entries was said, and ${count} came`)
  })
})
