import { cp, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { InvalidArgumentError, StorageError } from '../../src/errors.ts'
import { indexReserveBytes } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { openStore } from '../../src/store/store.ts'
import { recording, WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { address, commit, filesBelow, largeDag, openMemory, smallDag, temporaryDirectory, totals } from './fixtures.ts'

const earlier = join(import.meta.dirname, 'repositories', '1')
const owner = '0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a'

interface Expected { cid: string, kind: string, held: boolean, revealed: boolean, readers: unknown, bytes: number }

test('opens a repository of the release before, with and without its index, and has all that it held', async () => {
  const expected = JSON.parse(await readFile(`${earlier}.json`, 'utf8')) as Expected[]
  for (const keepIndex of [true, false]) {
    const path = await temporaryDirectory()
    await cp(earlier, path, { recursive: true })
    if (!keepIndex) await rm(join(path, 'data'), { recursive: true })
    for (let opening = 0; opening < 2; opening++) {
      const store = await openStore({ path, address: owner })
      const records = [...store.records()].sort((a, b) => a.root.toString() < b.root.toString() ? -1 : 1)
      expect(records.map(({ root, kind, holds, embargoed, readers, bytes }) =>
        ({ cid: root.toString(), kind, held: holds.length === 1, revealed: !embargoed, readers, bytes })))
        .toEqual(expected.map(({ cid, kind, held, revealed, readers, bytes }) => ({ cid, kind, held, revealed, readers, bytes })))
      expect((await store.verify(undefined)).damaged).toEqual([])
      await store.close()
    }
    expect(await readFile(join(path, 'version'), 'utf8')).toBe('2\n')
    const store = await openStore({ path, address: owner })
    const released = expected.filter(({ held }) => !held)
    expect(await store.collect()).toMatchObject({ bundles: released.length })
    for (const { root } of [...store.records()]) await store.update(root, { holds: [], embargoed: false })
    await store.collect()
    await store.close()
    expect(await readdir(join(path, 'bundles'))).toEqual([])
    expect((await filesBelow(join(path, 'blocks')))).toEqual([])
  }
})

test('leaves a repository of the release before as it is, or makes it its own, whichever call fails', async () => {
  // Without the large one, whose walk is the same at every call.
  const expected = JSON.parse(await readFile(`${earlier}.json`, 'utf8')) as Expected[]
  const [large = expect.fail()] = expected.filter(({ kind }) => kind === 'dataset')
  for (let n = 1, refused = true; refused; n++) {
    const disk = await memoryCopy(earlier, path => path.startsWith('/data') || path.startsWith('/blocks') || path.includes(large.cid))
    let calls = 0
    refused = false
    const failing = new WatchedFileSystem(disk, async ({ path, name }, make) => {
      if (++calls < n) return make()
      refused = true
      throw new StorageError(`refused to ${name} ${path}`, { code: 'EIO' })
    })
    const first = await openMemory({ fileSystem: failing, address: owner }).catch((error: unknown) => error as Error)
    if (first instanceof Error) expect(first, `call ${n}`).toBeInstanceOf(StorageError)
    else await first.close()
    const version = Buffer.from(await disk.readFile('/version') ?? expect.fail()).toString()
    expect(['1\n', '2\n'], `call ${n}`).toContain(version)
    const store = await openMemory({ fileSystem: disk, address: owner })
    expect([...store.records()], `call ${n}`).toHaveLength(expected.length - 1)
    await store.close()
  }
})

test('refuses storage options that it does not know, before anything is written', async () => {
  const path = join(await temporaryDirectory(), 'new')
  for (const storage of [{ quota: 'lots' }, { quota: 1 }, { qouta: 5 }, { durability: 'none' }, { retentionMs: { task: -1 } }]) {
    await expect(openStore({ path, address, storage: storage as object })).rejects.toThrow(InvalidArgumentError)
  }
  await expect(readdir(path)).rejects.toThrow('ENOENT')
})

test('waits for no drive when only the process is to be survived', async () => {
  for (const [durability, isSynced] of [['process-crash', false], ['power-cut', true]] as const) {
    const calls: Call[] = []
    const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls), storage: { durability } })
    calls.length = 0
    await commit(store, largeDag('one'))
    await commit(store, smallDag('two'))
    expect(calls.some(({ name, sync }) => name === 'syncDirectory' || sync === true)).toBe(isSynced)
    expect(calls.some(({ name }) => name === 'rename')).toBe(true)
  }
})

test('knows after an orderly end what it takes, and counts it after any other', async () => {
  const fileSystem = new MemoryFileSystem()
  const datastore = new MemoryDatastore()
  const first = await openMemory({ fileSystem, datastore })
  await commit(first, largeDag('one'))
  await commit(first, smallDag('two'))
  const { used } = first.usage()
  const crashed = { fileSystem: await copyOf(fileSystem), datastore: await copyOfDatastore(datastore) }
  await first.close()
  const listed: string[] = []
  const watched = new WatchedFileSystem(fileSystem, async ({ name, path }, make) => {
    if (name === 'list' && path.startsWith('/blocks')) listed.push(path)
    return make()
  })
  const again = await openMemory({ fileSystem: watched, datastore })
  expect(again.usage().used).toEqual(used)
  expect(listed).toEqual([])
  const recovered = await openMemory(crashed)
  expect(recovered.usage().used.bytes).toBeGreaterThanOrEqual(used.bytes)
  await expect.poll(() => recovered.usage().used).toEqual(used)
  expect(totals(recovered)).toEqual(totals(again))
})

test('opens with less than it holds, says so, takes nothing new, and lets things go', async () => {
  const fileSystem = new MemoryFileSystem()
  const datastore = new MemoryDatastore()
  const first = await openMemory({ fileSystem, datastore })
  const dags = Array.from({ length: 8 }, (_, at) => largeDag(`bundle ${at}`, 5, 500_000))
  for (const dag of dags) await commit(first, dag)
  await first.close()
  const store = await openMemory({ fileSystem, datastore, storage: { quota: '16MiB' } })
  expect(store.usage()).toMatchObject({ isFull: true, limit: { bytes: 16 * 2 ** 20 } })
  expect([...store.records()]).toHaveLength(8)
  for (const dag of dags) for (const { cid } of dag.blocks) await store.get(cid)
  await expect(commit(store, smallDag('new'))).rejects.toMatchObject({ name: 'StorageFullError' })
  for (const { root } of dags.slice(0, 6)) await store.update(root, { holds: [] })
  await commit(store, smallDag('new'))
  expect(store.usage().isFull).toBe(false)
  expect([...store.records()].length).toBeLessThan(9)
})

test('sets the size of LevelDB aside, whatever is stored', async () => {
  const path = await temporaryDirectory()
  const store = await openStore({ path, address })
  for (let n = 0; n < 30; n++) await commit(store, smallDag(`bundle ${n}`, 40, 10), { holds: [] })
  await store.collect()
  const { used, reservedBytes } = store.usage()
  expect([used.files, reservedBytes >= indexReserveBytes]).toEqual([0, true])
  await store.close()
})

async function memoryCopy (directory: string, leaves: (path: string) => boolean): Promise<MemoryFileSystem> {
  const disk = new MemoryFileSystem()
  for (const path of await filesBelow(directory)) {
    const to = path.slice(directory.length)
    if (leaves(to)) continue
    await disk.makeDirectory(to.slice(0, to.lastIndexOf('/')) || '/')
    await disk.writeFile(to, [await readFile(path)])
  }
  return disk
}

async function copyOf (disk: MemoryFileSystem, directory = '/', copy: MemoryFileSystem = new MemoryFileSystem()): Promise<MemoryFileSystem> {
  await copy.makeDirectory(directory)
  for (const name of await disk.list(directory)) {
    const path = join(directory, name)
    if ((await disk.stat(path))?.type === 'directory') await copyOf(disk, path, copy)
    else await copy.writeFile(path, [await disk.readFile(path) ?? new Uint8Array()])
  }
  return copy
}

async function copyOfDatastore (datastore: MemoryDatastore): Promise<MemoryDatastore> {
  const copy = new MemoryDatastore()
  for await (const { key, value } of datastore.query({})) await copy.put(key, value)
  return copy
}
