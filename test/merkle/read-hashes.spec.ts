import { describe, expect, it } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { GrowingTree } from '../../src/merkle/growing-tree.ts'
import { emptyRoot } from '../../src/merkle/hashing.ts'
import { readFrontier, readRanges, readRoot } from '../../src/merkle/read-hashes.ts'
import { at } from '../format/vectors.ts'
import { numberedEntry, numberedLog } from './trees.ts'

const log = numberedLog(70)

describe('readRoot and readFrontier', () => {
  it('find the tree of any size, with one call for a hash of each bit', async () => {
    for (const { size, root } of log.trees) {
      log.asked.length = 0
      expect(await readRoot(size, log)).toEqual(root)
      expect(log.asked).toEqual(size === 0 ? [] : [size.toString(2).replaceAll('0', '').length])
    }
  })

  it('give what a tree goes on with', async () => {
    for (const size of [0, 1, 33, 64]) {
      const tree = new GrowingTree({ size, frontier: await readFrontier(size, log) })
      for (let index = size; index < 70; index++) tree.append(numberedEntry(index))
      expect(tree.root).toEqual(at(log.trees, 70).root)
    }
  })

  it('refuse what is not a size', async () => {
    await expect(readRoot(-1, log)).rejects.toThrow(InvalidArgumentError)
    await expect(readFrontier(2 ** 53, log)).rejects.toThrow(InvalidArgumentError)
  })
})

describe('readRanges', () => {
  it('gives the hash of each range', async () => {
    const [whole, first] = await readRanges([{ from: 0, to: 70 }, { from: 0, to: 64 }], log)
    expect([whole, first]).toEqual([at(log.trees, 70).root, at(log.trees, 64).root])
    expect(await readRanges([], log)).toEqual([])
  })

  it('refuses a reader that gives something else than it was asked for', async () => {
    for (const hashes of [[], [emptyRoot(), emptyRoot()], [new Uint8Array(31)], ['x' as unknown as Uint8Array]]) {
      await expect(readRanges([{ from: 0, to: 1 }], { readHashes: async () => hashes })).rejects.toThrow(InvalidArgumentError)
    }
  })

  it('hands the signal on, and the error of the reader back', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    const readHashes = async (_: unknown, options?: { signal?: AbortSignal | undefined }): Promise<never> => { throw options?.signal?.reason }
    await expect(readRanges([{ from: 0, to: 1 }], { readHashes }, { signal })).rejects.toThrow('enough')
  })
})
