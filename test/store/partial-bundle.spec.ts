import { expect, test } from 'vitest'
import { InvalidArgumentError, InvalidDagError, NotStoredError, StoppedError } from '../../src/errors.ts'
import type { Store } from '../../src/interface/store.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { isMark } from '../../src/store/paths.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { cidOf, commit, largeDag, openMemory, raw, recordOf, smallDag } from './fixtures.ts'
import type { Block, Dag } from './fixtures.ts'
import { bytesOf, filesOf, leavePartial, paths } from './partial-fixtures.ts'

const dag = largeDag('one', 8, 300_000)
const half: Dag = { root: dag.root, blocks: dag.blocks.slice(0, 6) }

test('gives what was put to all who use the same root at the same time', async () => {
  const store = await openMemory()
  await using one = store.partial(dag.root)
  await using two = store.partial(dag.root)
  const [first] = dag.blocks as [Block]
  await one.put(first.cid, first.bytes)
  expect(await two.has(first.cid)).toBe(true)
  expect(await two.get(first.cid)).toEqual(first.bytes)
  expect(await store.has(first.cid)).toBe(false)
  await one.suspend()
  expect(await two.has(first.cid)).toBe(true)
})

test('keeps what is in files of its own when the last user is done, for the next one', async () => {
  const { store, fileSystem } = await suspended()
  expect(await fileSystem.list(paths.partials)).toEqual([dag.root.toString()])
  expect(store.usage().partialBytes).toBe(bytesOf(half))
  await using partial = store.partial(dag.root)
  expect(await partial.found()).toEqual({ blocks: half.blocks.length, bytes: bytesOf(half) })
  for (const { cid, bytes } of half.blocks) expect(Buffer.from(await partial.get(cid)).equals(bytes)).toBe(true)
  for (const { cid } of dag.blocks.slice(6)) expect(await partial.has(cid)).toBe(false)
})

test('forgets what is still in memory when the last user is done', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const small = smallDag('small')
  const partial = await putAll(store, small)
  await partial.suspend()
  await using again = store.partial(small.root)
  expect(await again.found()).toEqual({ blocks: 0, bytes: 0 })
  expect(await again.has(small.root)).toBe(false)
  expect(await filesOf(fileSystem)).toEqual([])
})

test('is completed from what was left, in the same process and in a later one', async () => {
  for (const reopen of [false, true]) {
    const { fileSystem, ...first } = await suspended()
    if (reopen) await first.store.close()
    const store = reopen ? await openMemory({ fileSystem }) : first.store
    await using partial = store.partial(dag.root)
    expect(await partial.found()).toEqual({ blocks: half.blocks.length, bytes: bytesOf(half) })
    for (const { cid, bytes } of dag.blocks.slice(6)) await partial.put(cid, bytes)
    await partial.commit(recordOf(dag.root))
    for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
    expect(await fileSystem.list(paths.partials)).toEqual([])
    expect(store.usage().partialBytes).toBe(0)
  }
})

test('is forgotten with its files once one of its users has discarded it, when the last one is done', async () => {
  const { store, fileSystem } = await suspended()
  const [one, two] = [store.partial(dag.root), store.partial(dag.root)]
  await one.discard()
  expect(await two.has(dag.root)).toBe(true)
  await two.suspend()
  expect(await filesOf(fileSystem)).toEqual([])
  expect(store.usage().partialBytes).toBe(0)
})

test('lets its users read on from the stored bundle, which stays until the last of them is done', async () => {
  const store = await openMemory()
  const one = await putAll(store, dag)
  const two = store.partial(dag.root)
  await one.commit(recordOf(dag.root, { holds: [] }))
  await one.suspend()
  await store.collect()
  for (const { cid, bytes } of dag.blocks) {
    expect(await two.has(cid)).toBe(true)
    expect(Buffer.from(await two.get(cid)).equals(bytes)).toBe(true)
  }
  const stray = raw('stray')
  await two.put(stray.cid, stray.bytes)
  expect(await two.commit(recordOf(dag.root))).toEqual(store.record(dag.root))
  await two.discard()
  await store.collect()
  expect(store.record(dag.root)).toBeUndefined()
})

test('begins anew for whoever comes when its bundle is stored already', async () => {
  const gate = Promise.withResolvers<undefined>()
  const isReached = Promise.withResolvers<undefined>()
  let isGated = false
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
    if (isGated && call.name === 'remove' && isMark(call.path)) {
      isReached.resolve(undefined)
      await gate.promise
    }
    return make()
  })
  const store = await openMemory({ fileSystem })
  await leavePartial(store, half)
  isGated = true
  const committing = commit(store, dag, { holds: [] })
  await isReached.promise
  await using late = store.partial(dag.root)
  gate.resolve(undefined)
  await committing
  const [first] = dag.blocks as [Block]
  expect(await late.get(first.cid)).toEqual(first.bytes)
  await store.collect()
  for (const { cid } of dag.blocks) expect(await late.has(cid)).toBe(true)
})

test('is committed once when all of its users do so at the same time', async () => {
  const store = await openMemory()
  const users = [await putAll(store, dag), store.partial(dag.root), store.partial(dag.root)]
  const stored = await Promise.all(users.map((user, at) => user.commit(recordOf(dag.root, { storedAt: 1000 + at }))))
  for (const one of stored) expect(one).toEqual(store.record(dag.root))
  await Promise.all(users.map(user => user.suspend()))
})

test('goes on after a commit that found it incomplete', async () => {
  const store = await openMemory()
  await using partial = await putAll(store, half)
  await expect(partial.commit(recordOf(dag.root))).rejects.toThrow(NotStoredError)
  for (const { cid, bytes } of dag.blocks.slice(6)) await partial.put(cid, bytes)
  await partial.commit(recordOf(dag.root))
  expect(store.record(dag.root)?.blocks).toBe(dag.blocks.length)
})

test('refuses the record of another root, and everything once its user is done', async () => {
  const store = await openMemory()
  const partial = await putAll(store, dag)
  await expect(partial.commit(recordOf(raw('other').cid))).rejects.toThrow(InvalidArgumentError)
  await partial.suspend()
  await partial.suspend()
  await partial.discard()
  const { cid, bytes } = raw('one')
  for (const use of [() => partial.put(cid, bytes), () => partial.get(cid), () => partial.has(cid), () => partial.found(),
    () => partial.commit(recordOf(dag.root))]) {
    await expect(use()).rejects.toThrow(InvalidArgumentError)
  }
  expect(store.usage().partialBytes).toBeGreaterThan(0)
})

test('waits for what its user has begun before it is done', async () => {
  const store = await openMemory()
  const partial = store.partial(dag.root)
  const puts = Promise.all(dag.blocks.map(async ({ cid, bytes }) => partial.put(cid, bytes)))
  await Promise.all([partial.suspend(), puts])
  expect(store.usage().partialBytes).toBe(bytesOf(dag))
})

test('refuses a root that no bundle can have', async () => {
  const store = await openMemory()
  expect(() => store.partial(cidOf(0x71, new Uint8Array(1)))).toThrow(InvalidDagError)
})

test('is suspended for all of its users when the store closes', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const partial = await putAll(store, half)
  await store.close()
  await expect(partial.has(dag.root)).rejects.toThrow(StoppedError)
  expect(() => store.partial(dag.root)).toThrow(StoppedError)
  await partial.suspend()
  const again = await openMemory({ fileSystem })
  await using after = again.partial(dag.root)
  expect((await after.found()).blocks).toBe(half.blocks.length)
})

test('belongs to the bundle when that is stored in another way', async () => {
  const { store, fileSystem } = await suspended()
  await using user = store.partial(dag.root)
  await commit(store, dag, { holds: [] })
  expect(await fileSystem.list(paths.partials)).toEqual([])
  expect(store.usage().partialBytes).toBe(0)
  await store.collect()
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await user.get(cid)).equals(bytes)).toBe(true)
  await user.suspend()
  await store.collect()
  expect(await filesOf(fileSystem)).toEqual([])
})

async function putAll (store: Store, { root, blocks }: Dag): Promise<ReturnType<Store['partial']>> {
  const partial = store.partial(root)
  for (const { cid, bytes } of blocks) await partial.put(cid, bytes)
  return partial
}

/** A store in which the fetch of `dag` was interrupted. */
async function suspended (): Promise<{ store: Store, fileSystem: MemoryFileSystem }> {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await (await putAll(store, half)).suspend()
  return { store, fileSystem }
}
