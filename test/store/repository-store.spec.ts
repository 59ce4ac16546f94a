import { expect, test, vi } from 'vitest'
import type { CID } from 'multiformats/cid'
import { NotStoredError, RepositoryLockedError, StoppedError } from '../../src/errors.ts'
import { stopTimeoutMs } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryStore } from '../../src/store/repository-store.ts'
import { Upkeep } from '../../src/store/upkeep.ts'
import { directoryOf, node, raw, recordOf, smallDag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { commit, makeParts, meter, openMemory, totals } from './fixtures.ts'

test('lists what was committed and nothing that is staged', async () => {
  const store = await openMemory()
  const [one, two] = [smallDag('one'), smallDag('two')]
  await using staging = store.stage()
  for (const { cid, bytes } of two.blocks) await staging.put(cid, bytes)
  const stored = await commit(store, one)
  expect([...store.records()]).toEqual([stored])
  expect(store.record(one.root)).toEqual(stored)
  expect(store.record(two.root)).toBeUndefined()
  await expect(store.get(two.root)).rejects.toThrow(NotStoredError)
})

test('knows a root by either version of its CID', async () => {
  const store = await openMemory()
  const top = node([])
  await commit(store, { root: top.cid, blocks: [top] })
  expect(store.record(top.cid.toV0())?.root.toString()).toBe(top.cid.toString())
})

test('returns the bundle as it is when its root is stored already', async () => {
  const store = await openMemory()
  const dag = smallDag('one')
  const first = await commit(store, dag, { storedAt: 1 })
  expect(await commit(store, dag, { storedAt: 2, readers: [], holds: [] })).toEqual(first)
  expect(await commit(store, { root: dag.root, blocks: [] }, { storedAt: 3 })).toEqual(first)
})

test('closes once, after what is being stored, and then takes nothing', async () => {
  const parts = await makeParts()
  let unlocked = 0
  const store = new RepositoryStore({ parts, upkeep: new Upkeep(parts, meter(parts)), path: '/repository', unlock: async () => { unlocked++ } })
  const dag = smallDag('one')
  const staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  const committing = staging.commit(recordOf(dag.root))
  await Promise.all([store.close(), store.close()])
  expect((await committing).blocks).toBe(4)
  expect(unlocked).toBe(1)
  expect(() => store.stage()).toThrow(StoppedError)
  for (const call of [() => store.get(dag.root), () => store.has(dag.root), () => store.update(dag.root, {}),
    () => store.publicBlocks.get(dag.root), () => store.publicBlocks.has(dag.root)]) {
    await expect(call()).rejects.toThrow(StoppedError)
  }
  expect(store.record(dag.root)).toBeDefined()
})

test('closes in time while the drive hangs, and gives the repository back only when nothing can write there any more', async () => {
  vi.useFakeTimers()
  try {
    const [reached, gate] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()]
    const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
      if (call.name === 'rename' && call.to?.endsWith('.json') === true) {
        reached.resolve(undefined)
        await gate.promise
      }
      return make()
    })
    const dag = smallDag('one')
    const store = await openMemory({ fileSystem })
    const committing = commit(store, dag)
    await reached.promise
    const closing = store.close()
    await vi.advanceTimersByTimeAsync(stopTimeoutMs)
    await closing
    await expect(openMemory({ fileSystem })).rejects.toThrow(RepositoryLockedError)
    gate.resolve(undefined)
    await committing
    const again = await vi.waitFor(() => openMemory({ fileSystem }))
    for (const { cid } of dag.blocks) await again.get(cid)
    expect([...again.records()]).toHaveLength(1)
  } finally {
    vi.useRealTimers()
  }
})

test('says whose a block is, and which other roots are in a bundle', async () => {
  const store = await openMemory()
  const [one, other] = [smallDag('one'), smallDag('other')]
  const linking = directoryOf([...one.blocks, ...other.blocks.slice(1, 2)])
  for (const dag of [one, other, linking]) await commit(store, dag)
  const texts = (cids: readonly CID[]): string[] => cids.map(String).sort()
  expect(texts(await store.owners(one.root))).toEqual(texts([one.root, linking.root]))
  expect(texts(await store.owners(other.blocks[1]!.cid))).toEqual(texts([other.root, linking.root]))
  expect(await store.owners(raw('nowhere').cid)).toEqual([])
  expect(texts(await store.linkedRoots(linking.root))).toEqual(texts([one.root]))
  expect(await store.linkedRoots(one.root)).toEqual([])
  expect(await store.linkedRoots(raw('nowhere').cid)).toEqual([])
})

test('counts bytes of what is stored and of what is held', async () => {
  const store = await openMemory()
  expect(totals(store)).toEqual({ bytes: 0, heldBytes: 0 })
  const { cid, bytes } = raw('one', 70)
  await commit(store, { root: cid, blocks: [{ cid, bytes }] }, { holds: [] })
  expect(totals(store)).toEqual({ bytes: 70, heldBytes: 0 })
  await store.update(cid, { holds: [{ owner: 'host' }] })
  expect(totals(store)).toEqual({ bytes: 70, heldBytes: 70 })
})

test('passes on the reason of the signal', async () => {
  const store = await openMemory()
  const dag = smallDag('one')
  await commit(store, dag)
  const reason = new Error('enough')
  const signal = AbortSignal.abort(reason)
  for (const call of [store.get(dag.root, { signal }), store.has(dag.root, { signal }), store.publicBlocks.get(dag.root, { signal }),
    store.stage().put(dag.root, new Uint8Array(), { signal }), store.stage().get(dag.root, { signal })]) {
    await expect(call).rejects.toBe(reason)
  }
})
