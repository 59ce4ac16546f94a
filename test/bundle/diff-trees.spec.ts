import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { diffTrees } from '../../src/bundle/diff-trees.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { openRoot, walkTree } from '../../src/bundle/tree.ts'
import { FakeStore } from './fake-store.ts'
import type { OpenTree } from '../../src/bundle/tree.ts'
import type { BlockWriter } from '../../src/interface/store.ts'

const entriesMax = 100_000

/** A store that takes blocks directly, and notes which are read. */
class Blocks extends FakeStore implements BlockWriter {
  async put (cid: Parameters<BlockWriter['put']>[0], bytes: Uint8Array): Promise<void> {
    this.blocks.set(Buffer.from(cid.multihash.bytes).toString('hex'), bytes)
    await Promise.resolve()
  }

  override async get (cid: Parameters<FakeStore['get']>[0]): Promise<Uint8Array> {
    this.reads.push(cid.toString())
    const bytes = this.blocks.get(Buffer.from(cid.multihash.bytes).toString('hex'))
    if (bytes === undefined) throw new Error('not there')
    return await Promise.resolve(bytes)
  }
}

async function tree (blocks: Blocks, files: ReadonlyMap<string, string>): Promise<OpenTree> {
  const directory = new DirectoryImport(blocks)
  await directory.add([...files].map(([path, text]) => ({ type: 'file', path, open: async function * () { yield await Promise.resolve(Buffer.from(text)) } })))
  const reader = readerOf(blocks)
  return { reader, root: await openRoot(reader, { cid: await directory.root() }) }
}

async function listed ({ reader, root }: OpenTree): Promise<Map<string, string>> {
  const files = new Map<string, string>()
  if (root.type === 'directory') {
    for await (const entry of walkTree(reader, root, { entriesMax })) if (entry.type === 'file') files.set(entry.path, entry.cid.toString())
  }
  return files
}

/** Lists both sides and compares. */
async function naive (before: OpenTree, after: OpenTree): Promise<unknown> {
  const [left, right] = [await listed(before), await listed(after)]
  return [...new Set([...left.keys(), ...right.keys()])].sort()
    .map(path => [path, left.get(path), right.get(path)]).filter(([, a, b]) => a !== b)
}

async function diff (before: OpenTree, after: OpenTree): Promise<unknown> {
  const changes = await diffTrees(before, after, { entriesMax })
  return changes.map(({ path, before, after }) => [path, before?.cid.toString(), after?.cid.toString()])
}

const name = fc.constantFrom('a', 'b', 'c', 'dir', 'é', 'x y')
const files = fc.dictionary(fc.array(name, { minLength: 1, maxLength: 3 }).map(names => names.join('/')), fc.constantFrom('', '1', '2'), { maxKeys: 12 })
  .map(given => {
    const paths = Object.keys(given)
    // Nothing can be below a file.
    return new Map(Object.entries(given).filter(([path]) => !paths.some(other => other.startsWith(`${path}/`))))
  })

/** Enough long names in one directory for it to be sharded. */
const many = (count: number, change: (i: number) => string | undefined = i => String(i % 3)): Map<string, string> =>
  new Map(Array.from({ length: count }, (_, i): [string, string | undefined] => [`large/${'n'.repeat(180)}-${i}`, change(i)])
    .flatMap(([path, text]): [string, string][] => text === undefined ? [] : [[path, text]]))

describe('diffTrees', () => {
  it('finds what listing both trees finds', async () => {
    await fc.assert(fc.asyncProperty(files, files, async (left, right) => {
      const blocks = new Blocks()
      const [before, after] = [await tree(blocks, left), await tree(blocks, right)]
      expect(await diff(before, after)).toEqual(await naive(before, after))
    }), { numRuns: 200 })
  })

  it('finds it in sharded directories, and where one is not sharded', async () => {
    const counts = fc.integer({ min: 1000, max: 1500 })
    await fc.assert(fc.asyncProperty(counts, counts, fc.nat(), async (left, right, seed) => {
      const blocks = new Blocks()
      const changed = (i: number): string | undefined =>
        (i * 7919 + seed) % 97 === 0 ? undefined : (i + seed) % 89 === 0 ? 'changed' : String(i % 3)
      const [before, after] = [await tree(blocks, many(left)), await tree(blocks, many(right, changed))]
      expect(await diff(before, after)).toEqual(await naive(before, after))
    }), { numRuns: 6 })
  })

  it('reads only what differs', async () => {
    const blocks = new Blocks()
    const before = await tree(blocks, many(2000))
    const after = await tree(blocks, many(2000, i => i === 5 ? 'changed' : String(i % 3)))
    blocks.reads.length = 0
    expect(await diff(before, after)).toHaveLength(1)
    // The directory, and one shard on the way, on each side.
    expect(blocks.reads.length).toBeLessThanOrEqual(6)
    blocks.reads.length = 0
    expect(await diff(before, before)).toEqual([])
    expect(blocks.reads).toEqual([])
  })

  it('tells a file from a folder of its name', async () => {
    const blocks = new Blocks()
    const [before, after] = [await tree(blocks, new Map([['a', '1']])), await tree(blocks, new Map([['a/b', '1']]))]
    const changes = await diffTrees(before, after, { entriesMax })
    expect(changes.map(({ path, before, after }) => [path, before?.path, after?.path])).toEqual([['a', 'a', undefined], ['a/b', undefined, 'a/b']])
  })

  it('has a bound, and ends with its signal', async () => {
    const blocks = new Blocks()
    const [before, after] = [await tree(blocks, many(1200)), await tree(blocks, many(1200, () => 'x'))]
    await expect(diffTrees(before, after, { entriesMax: 1000 })).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'entriesMax' } })
    await expect(diffTrees(before, after, { entriesMax, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })
})
