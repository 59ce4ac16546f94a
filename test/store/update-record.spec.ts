import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { NotStoredError, StorageError } from '../../src/errors.ts'
import type { RecordChange } from '../../src/interface/store.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { address, raw, smallDag } from './dags.ts'
import { FailingFileSystem, PowerCutFileSystem, recording } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { commit, openMemory, totals } from './fixtures.ts'

const paths = new RepositoryPaths('/')
const dag = smallDag('one')
const root = dag.root.toString()
const storedAt = 1_700_000_000_000

test('puts the new record on the drive before the old one goes', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  await commit(store, dag)
  calls.length = 0
  const changed = await store.update(dag.root, { readers: [address] })
  expect(changed).toMatchObject({ readers: [address], holds: [{ owner: 'host' }], blocks: 4 })
  expect(store.record(dag.root)).toEqual(changed)
  expect(calls.map(({ name, path, to, sync }) => [name, to ?? sync ?? path])).toEqual([
    ['writeFile', true], ['rename', paths.record(root, storedAt + 1)], ['syncDirectory', paths.bundles],
    ['remove', paths.record(root, storedAt)]
  ])
})

test('changes what is named and nothing else, and keeps that with and without the index', async () => {
  const fileSystem = new MemoryFileSystem()
  const datastore = new MemoryDatastore()
  let store = await openMemory({ fileSystem, datastore })
  const before = await commit(store, dag, { embargoed: true })
  let expected = before
  for (const change of [{ embargoed: false }, { holds: [] }, { readers: [] }, {}] satisfies RecordChange[]) {
    expected = { ...expected, ...change }
    expect(await store.update(dag.root, change)).toEqual(expected)
    await store.close()
    store = await openMemory({ fileSystem, datastore })
    expect(store.record(dag.root)).toEqual(expected)
    await store.close()
    store = await openMemory({ fileSystem })
    expect(store.record(dag.root)).toEqual(expected)
    await store.close()
    store = await openMemory({ fileSystem, datastore })
  }
})

test('closes a bundle for good when a function decided who may read it, until its readers are set', async () => {
  const fileSystem = new MemoryFileSystem()
  const rule = (): boolean => true
  let store = await openMemory({ fileSystem })
  await commit(store, dag)
  expect((await store.update(dag.root, { readers: rule })).readers).toBe(rule)
  for (const change of [{}, { holds: [] }] satisfies RecordChange[]) {
    await store.close()
    store = await openMemory({ fileSystem })
    expect(store.record(dag.root)).toMatchObject({ readers: [], readersLost: true })
    expect(await store.update(dag.root, change)).toMatchObject({ readers: [], readersLost: true })
  }
  expect(await store.update(dag.root, { readers: [] })).not.toHaveProperty('readersLost')
  await store.close()
  store = await openMemory({ fileSystem })
  expect(store.record(dag.root)).not.toHaveProperty('readersLost')
})

test('makes changes of one bundle one after the other', async () => {
  const store = await openMemory()
  await commit(store, dag)
  const changes: RecordChange[] = [{ embargoed: true }, { holds: [] }, { readers: [address] }]
  await Promise.all(changes.map(change => store.update(dag.root, change)))
  expect(store.record(dag.root)).toMatchObject({ embargoed: true, holds: [], readers: [address] })
  expect(totals(store).heldBytes).toBe(totals(store).bytes)
})

test('refuses a root that is not stored', async () => {
  const store = await openMemory()
  await expect(store.update(raw('other').cid, { holds: [] })).rejects.toThrow(NotStoredError)
})

test('survives any one call that fails: the bundle is as before or as asked, and opens so', async () => {
  for (const when of ['before', 'after'] as const) {
    for (let n = 1, refused = 1; refused > 0; n++) {
      const fileSystem = new MemoryFileSystem()
      const failing = new FailingFileSystem(fileSystem)
      const store = await openMemory({ fileSystem: failing })
      await commit(store, dag)
      failing.from(when, call => call === n)
      const outcome = await store.update(dag.root, { embargoed: true }).catch((error: unknown) => error)
      refused = failing.state.refused
      failing.from(when, () => false)
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(StorageError)
      expect(store.record(dag.root)?.embargoed).toBe(!(outcome instanceof Error))
      const again = await store.update(dag.root, { holds: [] })
      await store.close()
      const reopened = await openMemory({ fileSystem })
      expect(reopened.record(dag.root)).toEqual(again)
      expect(await fileSystem.list(paths.bundles)).toHaveLength(2)
      expect(await fileSystem.list(paths.temp)).toEqual([])
    }
  }
})

test('keeps a change that it acknowledged through a power cut', async () => {
  const power = new PowerCutFileSystem()
  const store = await openMemory({ fileSystem: power })
  await commit(store, dag)
  await store.update(dag.root, { readers: [] })
  const again = await openMemory({ fileSystem: await power.afterCut() })
  expect(again.record(dag.root)?.readers).toEqual([])
})
