import { mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { FsBlockstore } from 'blockstore-fs'
import { CarReader } from '@ipld/car'
import { expect, onTestFinished, test, vi } from 'vitest'
import { CorruptBlockError, IdentityMismatchError, InvalidArgumentError, NotStoredError, RepositoryLockedError, RepositoryVersionError,
  StoppedError, StorageError } from '../../src/errors.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import { fileCalls } from '../../src/store/file-calls.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { openStore } from '../../src/store/store.ts'
import { address, commit, directoryOf, filesBelow, largeDag, openMemory, otherAddress, raw, smallDag, temporaryDirectory, totals } from './fixtures.ts'

test('keeps a small bundle as one CAR that other readers take, and gives its blocks back', async () => {
  const path = await temporaryDirectory()
  await using opened = await openClosing(path)
  const dag = smallDag('one')
  const stored = await commit(opened.store, dag)
  expect(stored).toMatchObject({ blocks: 4, bytes: dag.blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0) })
  for (const { cid, bytes } of dag.blocks) {
    expect(await opened.store.has(cid)).toBe(true)
    expect(Buffer.from(await opened.store.get(cid)).equals(bytes)).toBe(true)
  }
  const reader = await CarReader.fromBytes(await readFile(join(path, 'bundles', `${dag.root.toString()}.car`)))
  expect((await reader.getRoots()).map(String)).toEqual([dag.root.toString()])
  const cids = []
  for await (const cid of reader.cids()) cids.push(cid.toString())
  expect(cids).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
})

test('keeps blocks of a large bundle where blockstore-fs finds them', async () => {
  const path = await temporaryDirectory()
  await using opened = await openClosing(path)
  const dag = largeDag('large')
  await commit(opened.store, dag)
  expect(await filesBelow(join(path, 'bundles'))).toHaveLength(1)
  const blockstore = new FsBlockstore(join(path, 'blocks'))
  await blockstore.open()
  const found = new Set<string>()
  for await (const { cid } of blockstore.getAll()) found.add(Buffer.from(cid.multihash.bytes).toString('hex'))
  expect(found.size).toBe(dag.blocks.length)
  for (const { cid, bytes } of dag.blocks) {
    const parts = []
    for await (const part of blockstore.get(cid)) parts.push(part)
    expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    expect(Buffer.from(await opened.store.get(cid)).equals(bytes)).toBe(true)
  }
})

test('lists and reads everything again when the index was deleted', async () => {
  const path = await temporaryDirectory()
  const small = smallDag('small')
  const large = largeDag('large')
  const linking = directoryOf([...small.blocks.slice(0, 1), ...large.blocks.slice(0, 1), raw('own')])
  const before = await (async () => {
    await using opened = await openClosing(path)
    await commit(opened.store, small, { holds: [] })
    await commit(opened.store, large)
    await using staging = opened.store.stage()
    for (const { cid, bytes } of [linking.blocks[0], linking.blocks[3]].flatMap(block => block ?? [])) await staging.put(cid, bytes)
    await staging.commit({ ...opened.store.record(small.root) ?? expect.fail(), root: linking.root, holds: [{ owner: 'host' }] })
    return { usage: totals(opened.store), records: byRoot(opened.store.records()) }
  })()
  await rm(join(path, 'data'), { recursive: true })
  await using again = await openClosing(path)
  expect(byRoot(again.store.records())).toEqual(before.records)
  expect(totals(again.store)).toEqual(before.usage)
  for (const { cid, bytes } of [...small.blocks, ...large.blocks, ...linking.blocks]) {
    expect(Buffer.from(await again.store.get(cid)).equals(bytes)).toBe(true)
  }
})

test('opens without reading bundles when the index is there', async () => {
  const path = await temporaryDirectory()
  const dag = smallDag('small')
  const root = dag.root.toString()
  await using first = await openClosing(path)
  const stored = await commit(first.store, dag)
  await first.store.close()
  await writeFile(join(path, 'bundles', `${root}.${stored.storedAt}.json`), 'not read')
  await using second = await openClosing(path)
  expect(second.store.record(dag.root)).toEqual(stored)
})

test('reads a record again that another revision than the index knows', async () => {
  const path = await temporaryDirectory()
  const dag = smallDag('small')
  await using first = await openClosing(path)
  const stored = await commit(first.store, dag)
  await first.store.close()
  const paths = new RepositoryPaths(path)
  const text = await readFile(paths.record(dag.root.toString(), stored.storedAt), 'utf8')
  const revised = text.replace('"embargoed":false', '"embargoed":true')
    .replace(`"revision":${stored.storedAt}`, `"revision":${stored.storedAt + 1}`)
  await writeFile(paths.record(dag.root.toString(), stored.storedAt + 1), revised)
  await using second = await openClosing(path)
  expect(second.store.record(dag.root)?.embargoed).toBe(true)
  expect(await filesBelow(paths.bundles)).toHaveLength(2)
})

test('makes a damaged index again', async () => {
  const dag = smallDag('small')
  for (const damage of ['CURRENT', 'MANIFEST', '.log', 'all']) {
    const path = await temporaryDirectory()
    await using first = await openClosing(path)
    await commit(first.store, dag)
    await first.store.close()
    for (const file of await filesBelow(join(path, 'data'))) {
      if (damage === 'all' || file.includes(damage)) await writeFile(file, 'damage')
    }
    await using second = await openClosing(path)
    expect([...second.store.records()].map(({ root }) => root.toString()), damage).toEqual([dag.root.toString()])
    for (const { cid } of dag.blocks) await second.store.get(cid)
  }
})

test('never returns a block whose bytes changed on disk', async () => {
  const path = await temporaryDirectory()
  const small = smallDag('small')
  const large = largeDag('large')
  await using first = await openClosing(path)
  await commit(first.store, small)
  await commit(first.store, large)
  await first.store.close()
  const paths = new RepositoryPaths(path)
  const damage: Record<string, (file: string, at: number) => Promise<void>> = {
    flipped: async (file, at) => {
      const bytes = await readFile(file)
      bytes[at] = (bytes[at] ?? 0) ^ 1
      await writeFile(file, bytes)
    },
    truncated: async (file, at) => { await truncate(file, at) },
    emptied: async file => { await truncate(file, 0) },
    missing: async file => { await rm(file) },
    directory: async file => {
      await rm(file)
      await mkdir(file)
    }
  }
  for (const [name, spoil] of Object.entries(damage)) {
    for (const { root, blocks } of [small, large]) {
      for (const { cid, bytes } of blocks) {
        const car = paths.car(root.toString())
        const file = root === small.root ? car : paths.block(cid).file
        const original = await readFile(file)
        await using second = await openClosing(path)
        await spoil(file, root === small.root ? original.indexOf(bytes) + 3 : 3)
        const error = await second.store.get(cid).catch((reason: unknown) => reason)
        expect(error, `${name} ${cid.toString()}`).toBeInstanceOf(CorruptBlockError)
        expect(error).toMatchObject({ details: { cid: cid.toString(), path: file } })
        await second.store.close()
        await rm(file, { recursive: true, force: true })
        await writeFile(file, original)
      }
    }
  }
})

test('refuses a repository of a newer release and leaves it alone', async () => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'version'), '3\n')
  await expect(openStore({ path, address })).rejects.toThrow(RepositoryVersionError)
  expect(await filesBelow(path)).toEqual([join(path, 'version')])
})

test('refuses a repository of another key', async () => {
  const path = await temporaryDirectory()
  await using first = await openClosing(path)
  await first.store.close()
  await expect(openStore({ path, address: otherAddress })).rejects.toThrow(IdentityMismatchError)
})

test('refuses a repository that is open, and opens it once that is closed', async () => {
  const path = await temporaryDirectory()
  await using first = await openClosing(path)
  for (let attempt = 0; attempt < 3; attempt++) {
    const error = await openStore({ path: `${path}/.`, address }).catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(RepositoryLockedError)
    expect(error).toMatchObject({ details: { pid: process.pid } })
  }
  await first.store.close()
  await using second = await openClosing(path)
  expect(second.store.path).toBe(path)
})

test('gives the repository back when opening fails', async () => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'identity'), 'nonsense')
  await expect(openStore({ path, address })).rejects.toThrow(StorageError)
  await rm(join(path, 'identity'))
  await using opened = await openClosing(path)
  expect([...opened.store.records()]).toEqual([])
})

test('refuses a path that is empty', async () => {
  await expect(openStore({ path: '', address })).rejects.toThrow(InvalidArgumentError)
})

test('says of a path where no directory can be what the system says', async () => {
  const path = join(await temporaryDirectory(), 'file')
  await writeFile(path, '')
  await expect(openStore({ path, address })).rejects.toMatchObject({ name: 'StorageError', details: { path } })
})

test('has closed every file that it read when it gives the repository back, or could not open it', async () => {
  const path = await temporaryDirectory()
  const close = fileCalls.close
  let open = 0
  vi.spyOn(fileCalls, 'close').mockImplementation(async file => {
    open++
    await new Promise(resolve => { setTimeout(resolve, 50) })
    await close(file)
    open--
  })
  onTestFinished(() => { vi.restoreAllMocks() })
  const store = await openStore({ path, address })
  await store.close()
  expect(open).toBe(0)
  await expect(openStore({ path, address: otherAddress })).rejects.toThrow(IdentityMismatchError)
  expect(open).toBe(0)
  expect(fileCalls.close).toHaveBeenCalled()
})

test('leaves a key file in the repository alone', async () => {
  const path = await temporaryDirectory()
  await writeFile(join(path, 'key'), 'secret', { mode: 0o600 })
  await using opened = await openClosing(path)
  await opened.store.close()
  expect(await readFile(join(path, 'key'), 'utf8')).toBe('secret')
  expect((await stat(join(path, 'key'))).mode & 0o777).toBe(0o600)
})

test('lets nobody else into the directories of a repository, and gives files the mode that the umask leaves', async () => {
  const path = join(await temporaryDirectory(), 'home', 'repository')
  await using opened = await openClosing(path)
  await commit(opened.store, smallDag('small'))
  await commit(opened.store, largeDag('large'))
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const directories = entries.filter(entry => entry.isDirectory())
  expect(directories.map(({ name }) => name)).toEqual(expect.arrayContaining(['bundles', 'blocks', 'temp', 'data']))
  for (const directory of [path, ...directories.map(({ parentPath, name }) => join(parentPath, name))]) {
    expect((await stat(directory)).mode & 0o777, directory).toBe(0o700)
  }
  await writeFile(join(path, 'bundles', 'usual'), '')
  const { mode } = await stat(join(path, 'bundles', 'usual'))
  for (const file of [...await filesBelow(join(path, 'bundles')), join(path, 'identity')]) expect((await stat(file)).mode, file).toBe(mode)
})

test('keeps two stores in memory apart', async () => {
  const [one, two] = [await openMemory(), await openMemory()]
  const dag = smallDag('one')
  await commit(one, dag)
  expect(one.path).toBe(':memory:')
  expect(two.record(dag.root)).toBeUndefined()
  await expect(two.get(dag.root)).rejects.toThrow(NotStoredError)
  await one.close()
  await expect(one.get(dag.root)).rejects.toThrow(StoppedError)
  await two.close()
})

async function openClosing (path: string): Promise<AsyncDisposable & { store: Awaited<ReturnType<typeof openStore>> }> {
  const store = await openStore({ path, address })
  return { store, [Symbol.asyncDispose]: () => store.close() }
}

function byRoot (records: Iterable<StoredBundle>): Map<string, StoredBundle> {
  return new Map(Array.from(records, record => [record.root.toString(), record]))
}
