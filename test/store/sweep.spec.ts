import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { sweepBlockFiles } from '../../src/store/sweep.ts'
import { largeDag, raw } from './dags.ts'
import { commit, makeParts, openMemory } from './fixtures.ts'

const paths = new RepositoryPaths('/')
const dag = largeDag('one')
const stray = raw('stray')

test('removes block files of no bundle when a mark says that there may be some, and then the mark', async () => {
  for (const marked of [true, false]) {
    const { fileSystem, datastore } = await withStray(marked)
    await openMemory({ fileSystem, datastore })
    expect(await fileSystem.stat(paths.block(stray.cid).file) === undefined).toBe(marked)
    expect(await fileSystem.list(paths.temp)).toEqual([])
    for (const { cid } of dag.blocks) expect(await fileSystem.stat(paths.block(cid).file)).toBeDefined()
  }
})

test('removes nothing while a bundle is damaged: its blocks may be among them', async () => {
  const { fileSystem } = await withStray(true)
  const top = paths.block(dag.root).file
  const bytes = await fileSystem.readFile(top) ?? expect.fail()
  await fileSystem.remove(top)
  const datastore = new MemoryDatastore()
  for (let round = 0; round < 2; round++) {
    const store = await openMemory({ fileSystem, datastore })
    expect(store.record(dag.root)).toBeDefined()
    await store.close()
    expect(await fileSystem.stat(paths.block(stray.cid).file)).toBeDefined()
    await fileSystem.writeFile(paths.newMark(), [])
  }
  await fileSystem.writeFile(top, [bytes])
  const store = await openMemory({ fileSystem })
  for (const { cid } of dag.blocks) await store.get(cid)
  expect(await fileSystem.stat(paths.block(stray.cid).file)).toBeUndefined()
})

test('leaves files alone that are not blocks', async () => {
  const parts = await makeParts()
  await parts.fileSystem.makeDirectory(join(parts.paths.blocks, 'AA'))
  await parts.fileSystem.writeFile(join(parts.paths.blocks, 'AA', 'notes.txt'), [], { sync: false })
  await parts.fileSystem.writeFile(join(parts.paths.blocks, 'notes.data'), [], { sync: false })
  await sweepBlockFiles(parts)
  expect(await parts.fileSystem.list(join(parts.paths.blocks, 'AA'))).toEqual(['notes.txt'])
  expect(await parts.fileSystem.stat(join(parts.paths.blocks, 'notes.data'))).toBeDefined()
})

async function withStray (marked: boolean): Promise<{ fileSystem: MemoryFileSystem, datastore: MemoryDatastore }> {
  const fileSystem = new MemoryFileSystem()
  const datastore = new MemoryDatastore()
  const store = await openMemory({ fileSystem, datastore })
  await commit(store, dag)
  await store.close()
  const { directory, file } = paths.block(stray.cid)
  await fileSystem.makeDirectory(directory)
  await fileSystem.writeFile(file, [stray.bytes])
  if (marked) await fileSystem.writeFile(paths.newMark(), [])
  return { fileSystem, datastore }
}
