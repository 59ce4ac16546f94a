import { expect, it } from 'vitest'
import { DirectoryTree } from '../../src/bundle/directory-tree.ts'
import { openRoot, walkTree } from '../../src/bundle/tree.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { writeFile } from '../../src/bundle/unixfs-writer.ts'
import { FakeStore } from './fake-store.ts'
import type { TreeDirectory } from '../../src/bundle/tree.ts'

it('writes directories, those that are empty too, and again when something has come', async () => {
  const staging = new FakeStore().stage()
  const link = await writeFile(staging, (async function * () { yield Uint8Array.of(1) })())
  const tree = new DirectoryTree()
  tree.add('empty/deep')
  tree.place('a/b/d', link)
  await tree.writeBelow(staging, {})
  tree.place('a/b/c', link)
  await tree.writeBelow(staging, {})
  const { cid } = await tree.writeRoot(staging, {})
  const root = await openRoot(readerOf(staging), { cid }) as TreeDirectory
  expect((await Array.fromAsync(walkTree(readerOf(staging), root, { entriesMax: 10 }))).map(({ path }) => path)).toEqual(['a', 'a/b', 'a/b/c', 'a/b/d', 'empty', 'empty/deep'])
  const reason = new Error('enough')
  await expect(tree.writeBelow(staging, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
