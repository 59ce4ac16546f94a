import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { commit, largeDag, openMemory, smallDag, totals } from './fixtures.ts'

const dags = ['one', 'two', 'three', 'four'].map(seed => smallDag(seed))
const [one, two, three, four] = dags as [typeof dags[0] & object, typeof dags[0] & object, typeof dags[0] & object, typeof dags[0] & object]
const roots = (store: Awaited<ReturnType<typeof openMemory>>): string[] => [...store.records()].map(({ root }) => root.toString()).sort()

test('removes what was used least recently first, and stops when enough is gone', async () => {
  let now = 10
  const store = await openMemory({ clock: () => now })
  for (const [at, dag] of dags.entries()) await commit(store, dag, { holds: [], storedAt: at })
  const bytes = totals(store).bytes / 4
  now = 20
  store.keep(one.root)[Symbol.dispose]()
  expect(await store.collect({ bytes: 1 })).toMatchObject({ bundles: 1, bytes })
  expect(store.record(two.root)).toBeUndefined()
  expect(await store.collect({ bytes: bytes + 1 })).toMatchObject({ bundles: 2 })
  expect(roots(store)).toEqual([one.root.toString()])
  expect(await store.collect({ bytes: 0 })).toEqual({ bundles: 0, bytes: 0, files: 0 })
  expect(await store.collect()).toMatchObject({ bundles: 1 })
})

test('knows after it was opened again what was used last', async () => {
  const fileSystem = new MemoryFileSystem()
  const { MemoryDatastore } = await import('datastore-core')
  const datastore = new MemoryDatastore()
  const store = await openMemory({ fileSystem, datastore, clock: () => 50 })
  for (const [at, dag] of dags.entries()) await commit(store, dag, { holds: [], storedAt: at })
  store.keep(one.root)[Symbol.dispose]()
  await store.close()
  const again = await openMemory({ fileSystem, datastore })
  await again.collect({ bytes: 1 })
  expect([again.record(one.root) !== undefined, again.record(two.root)]).toEqual([true, undefined])
})

test('leaves what is held, embargoed, kept, or being built on', async () => {
  const store = await openMemory({ clock: () => 100 })
  await commit(store, one, { holds: [{ owner: 'a', until: 100 }, { owner: 'b', until: 101 }] })
  await commit(store, two, { holds: [], embargoed: true })
  await commit(store, three, { holds: [] })
  const kept = store.keep(three.root)
  await commit(store, four, { holds: [] })
  const staging = store.stage()
  expect(await staging.has(four.root)).toBe(true)
  expect(await store.collect()).toMatchObject({ bundles: 0 })
  kept[Symbol.dispose]()
  expect(await store.collect()).toMatchObject({ bundles: 1 })
  await staging.discard()
  expect(await store.collect()).toMatchObject({ bundles: 1 })
  expect(roots(store)).toEqual([one.root.toString(), two.root.toString()].sort())
})

test('counts as cache what was held until a time that has come', async () => {
  let now = 10
  const store = await openMemory({ clock: () => now })
  await commit(store, one, { holds: [{ owner: 'a', until: 20 }] })
  const { bytes } = totals(store)
  await store.collect()
  expect(totals(store)).toEqual({ bytes, heldBytes: bytes })
  now = 20
  expect(await store.collect()).toMatchObject({ bundles: 1, bytes })
  expect(totals(store)).toEqual({ bytes: 0, heldBytes: 0 })
})

test('keeps nothing longer or shorter than it was held when the clock was wrong for a while', async () => {
  let now = 10
  const store = await openMemory({ clock: () => now })
  await commit(store, one, { holds: [{ owner: 'a', until: 20 }] })
  now = -1000
  expect(await store.collect()).toMatchObject({ bundles: 0 })
  now = 19
  expect(await store.collect()).toMatchObject({ bundles: 0 })
  expect(totals(store).heldBytes).toBe(totals(store).bytes)
})

test('ends with the reason of the signal, between two bundles', async () => {
  const abort = new AbortController()
  const reason = new Error('enough')
  const store = await openMemory({
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), async ({ name, path }, make) => {
      const result = await make()
      if (name === 'remove' && path.endsWith('.car')) abort.abort(reason)
      return result
    })
  })
  for (const dag of dags) await commit(store, dag, { holds: [] })
  await expect(store.collect({ signal: abort.signal })).rejects.toBe(reason)
  expect(roots(store)).toHaveLength(3)
  await expect(store.collect({ signal: abort.signal })).rejects.toBe(reason)
})

test('goes on with the others when a drive does not let one go', async () => {
  const lines: string[] = []
  const store = await openMemory({
    log: line => lines.push(line),
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), async ({ name, path }, make) => {
      if (name === 'remove' && path.includes(two.root.toString())) throw new Error('a stubborn drive')
      return make()
    })
  })
  for (const dag of dags) await commit(store, dag, { holds: [] })
  expect(await store.collect()).toMatchObject({ bundles: 3 })
  expect(roots(store)).toEqual([two.root.toString()])
  for (const { cid } of two.blocks) await store.get(cid)
  expect(lines.some(line => line.includes('stubborn'))).toBe(true)
})

test('makes room for what is stored, and says what is held when that is not enough', async () => {
  const store = await openMemory({ storage: { quota: '16MiB' } })
  const held = largeDag('held', 6, 500_000)
  await commit(store, held)
  for (let n = 0; n < 6; n++) await commit(store, largeDag(`cached ${n}`, 4, 500_000), { holds: [], storedAt: n })
  expect(store.record(held.root)).toBeDefined()
  expect(store.record(largeDag('cached 0', 4, 500_000).root)).toBeUndefined()
  expect(store.record(largeDag('cached 5', 4, 500_000).root)).toBeDefined()
  const { used, limit } = store.usage()
  expect(used.bytes).toBeLessThanOrEqual(limit.bytes)
  const error = await commit(store, largeDag('too large', 12, 500_000)).catch((reason: unknown) => reason)
  expect(error).toMatchObject({ name: 'StorageFullError', code: 'ERR_STORAGE_FULL', details: { held: totals(store).heldBytes } })
  for (const { cid } of held.blocks) await store.get(cid)
  await store.update(held.root, { holds: [] })
  await commit(store, largeDag('small enough', 10, 500_000))
})
