import { expect, test } from 'vitest'
import { NotStoredError, StorageError } from '../../src/errors.ts'
import type { Store } from '../../src/interface/store.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { FailingFileSystem, WatchedFileSystem } from './fault-file-systems.ts'
import { commit, directoryOf, largeDag, openMemory, raw, recordOf } from './fixtures.ts'
import type { Block } from './fixtures.ts'
import { leavePartial, paths } from './partial-fixtures.ts'

const dag = largeDag('one', 6, 300_000)
const [top, first, second] = dag.blocks as [Block, Block, Block]

test('counts only blocks of an earlier process that hash to their CIDs, and takes the others again', async () => {
  const fileSystem = await left()
  for (const [block, bytes] of [[first, new Uint8Array(0)], [second, new Uint8Array(second.bytes.byteLength)]] as const) {
    await replace(fileSystem, block, bytes)
  }
  const store = await openMemory({ fileSystem })
  await using partial = store.partial(dag.root)
  expect((await partial.found()).blocks).toBe(dag.blocks.length - 2)
  expect(await Promise.all([first, second].map(({ cid }) => partial.has(cid)))).toEqual([false, false])
  expect(await fileSystem.stat(paths.block(second.cid).file)).toBeUndefined()
  for (const { cid, bytes } of [first, second]) await partial.put(cid, bytes)
  await partial.commit(recordOf(dag.root))
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
})

test('says of one block whether it is good, whoever asks and in whatever way', async () => {
  const asks: Record<string, (partial: ReturnType<Store['partial']>) => Promise<void>> = {
    has: async partial => { expect(await partial.has(second.cid)).toBe(false) },
    get: async partial => { await expect(partial.get(second.cid)).rejects.toThrow(NotStoredError) },
    commit: async partial => { await expect(partial.commit(recordOf(dag.root))).rejects.toThrow(NotStoredError) },
    put: async partial => {
      await partial.put(second.cid, second.bytes)
      expect(Buffer.from(await partial.get(second.cid)).equals(second.bytes)).toBe(true)
    }
  }
  for (const [name, ask] of Object.entries(asks)) {
    const fileSystem = await left()
    await replace(fileSystem, second, new Uint8Array(second.bytes.byteLength))
    const store = await openMemory({ fileSystem })
    await using partial = store.partial(dag.root)
    await Promise.all([ask(partial), ask(partial)])
    expect(await partial.has(first.cid), name).toBe(true)
    await partial.put(second.cid, second.bytes)
    await partial.commit(recordOf(dag.root))
    expect((await store.verify(dag.root)).damaged, name).toEqual([])
  }
})

test('lets others write a block anew that was not hashed yet', async () => {
  const fileSystem = await left()
  await replace(fileSystem, second, new Uint8Array(second.bytes.byteLength))
  const store = await openMemory({ fileSystem })
  const other = directoryOf([second, ...largeDag('other').blocks.slice(1)])
  await commit(store, other)
  expect((await store.verify(other.root)).damaged).toEqual([])
  await using partial = store.partial(dag.root)
  expect((await partial.found()).blocks).toBe(dag.blocks.length)
})

test('hashes nothing again in the process that wrote it', async () => {
  let reads = 0
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
    if (call.name === 'readFile' && call.path.endsWith('.data')) reads++
    return make()
  })
  const store = await openMemory({ fileSystem })
  await leavePartial(store, dag)
  await using partial = store.partial(dag.root)
  expect((await partial.found()).blocks).toBe(dag.blocks.length)
  expect(reads).toBe(0)
})

test('hashes what is left once for all of its users, and again for nobody who comes later', async () => {
  let reads = 0
  const fileSystem = new WatchedFileSystem(await left(), (call, make) => {
    if (call.name === 'readFile' && call.path.endsWith('.data')) reads++
    return make()
  })
  const store = await openMemory({ fileSystem })
  const afterOpen = reads
  expect(afterOpen).toBe(1)
  const [one, two] = [store.partial(dag.root), store.partial(dag.root)]
  await Promise.all([one.found(), two.found(), one.has(first.cid)])
  await Promise.all([one.suspend(), two.suspend()])
  await using three = store.partial(dag.root)
  expect((await three.found()).blocks).toBe(dag.blocks.length)
  expect(reads - afterOpen).toBe(dag.blocks.length - 1)
})

test('breaks off hashing with the reason of the signal, and goes on for the next one', async () => {
  const store = await openMemory({ fileSystem: await left() })
  await using partial = store.partial(dag.root)
  const reason = new Error('enough')
  const controller = new AbortController()
  const found = partial.found({ signal: controller.signal })
  controller.abort(reason)
  await expect(found).rejects.toBe(reason)
  await expect(partial.found({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect((await partial.found()).blocks).toBe(dag.blocks.length)
})

test('lets a user who comes while the last one leaves wait, and go on from what is left', async () => {
  const gate = Promise.withResolvers<undefined>()
  let isGated = false
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
    if (isGated && call.name === 'rename' && call.to?.startsWith(paths.partials) === true) await gate.promise
    return make()
  })
  const store = await openMemory({ fileSystem })
  const one = store.partial(dag.root)
  for (const { cid, bytes } of dag.blocks) await one.put(cid, bytes)
  isGated = true
  const leaving = one.suspend()
  await using two = store.partial(dag.root)
  const uses = Promise.all([two.found(), two.has(top.cid), two.get(first.cid), two.put(raw('new').cid, raw('new').bytes)])
  await new Promise(setImmediate)
  isGated = false
  gate.resolve(undefined)
  const [found, has, bytes] = await uses
  // What is put at the same time may be counted or not.
  expect([dag.blocks.length, dag.blocks.length + 1]).toContain(found.blocks)
  expect([has, Buffer.from(bytes).equals(first.bytes)]).toEqual([true, true])
  await leaving
  await two.commit(recordOf(dag.root))
  expect(await fileSystem.list(paths.partials)).toEqual([])
})

test('has room again for whoever comes after one that found the disk full', async () => {
  const fileSystem = new FailingFileSystem(new MemoryFileSystem())
  const store = await openMemory({ fileSystem })
  await using reader = store.partial(dag.root)
  await reader.put(top.cid, top.bytes)
  fileSystem.from('before', n => n > 5)
  await expect(leavePartial(store, dag)).rejects.toThrow(StorageError)
  fileSystem.from('before', () => false)
  await leavePartial(store, dag)
  await reader.commit(recordOf(dag.root))
  expect((await store.verify(dag.root)).damaged).toEqual([])
})

test('borrows blocks of stored bundles while it is used, and has fewer once such a bundle is gone', async () => {
  const store = await openMemory()
  const stored = directoryOf([first, ...largeDag('stored').blocks.slice(1)])
  await commit(store, stored, { holds: [] })
  const partial = store.partial(dag.root)
  for (const { cid, bytes } of dag.blocks) await partial.put(cid, bytes)
  await store.collect()
  expect(Buffer.from(await partial.get(first.cid)).equals(first.bytes)).toBe(true)
  await partial.suspend()
  await using again = store.partial(dag.root)
  expect(await again.has(first.cid)).toBe(true)
  await again.suspend()
  const holder = store.partial(dag.root)
  await store.collect()
  expect(store.record(stored.root)).toBeUndefined()
  expect((await holder.found()).blocks).toBe(dag.blocks.length - 1)
  await holder.discard()
})

/** A repository in which the fetch of `dag` was interrupted. */
async function left (): Promise<MemoryFileSystem> {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await leavePartial(store, dag)
  await store.close()
  return fileSystem
}

async function replace (fileSystem: MemoryFileSystem, { cid }: Block, bytes: Uint8Array): Promise<void> {
  await fileSystem.remove(paths.block(cid).file)
  await fileSystem.writeFile(paths.block(cid).file, [bytes])
}
