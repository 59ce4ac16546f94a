import { describe, expect, test } from 'vitest'
import { EntryPaths } from '../../src/bundle/entry-paths.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { openSources } from '../../src/bundle/source.ts'
import { readVectors } from '../format/vectors.ts'
import { FakeStore } from './fake-store.ts'
import { entriesOf, importCase, sourceOf } from './import-case.ts'
import { caseFiles, contentBytes } from './unixfs-cases.ts'
import type { SourceEntry } from '../../src/bundle/source-entry.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'
import type { UnixfsTable } from './unixfs-cases.ts'

const table = readVectors('unixfs') as UnixfsTable
const mib = 1024 * 1024

describe('gives the same CIDs as Kubo', () => {
  // Gigabytes are in the long suite; how large files are laid out is a matter of `BalancedFile`.
  test.for(table.cases.filter(unixfs => contentBytes(unixfs) <= 64 * mib))('for $name', async unixfs => {
    expect(await importCase(unixfs)).toBe(unixfs.cid)
  })
})

test('writes a directory again only when something in it changed', async () => {
  const store = new FakeStore()
  const staging = store.stage()
  const puts: string[] = []
  const directory = new DirectoryImport({
    get: async cid => staging.get(cid),
    has: async cid => staging.has(cid),
    put: async (cid, bytes) => {
      puts.push(cid.toString())
      await staging.put(cid, bytes)
    }
  })
  await directory.add(await entriesOf([{ name: 'a/b/c', text: 'c' }, { name: 'd', text: 'd' }], store))
  await directory.content()
  expect(new Set(puts).size).toBe(4)
  await directory.add(await entriesOf([{ name: 'manifest.json', text: 'm' }], store))
  await directory.root()
  expect([puts.length, new Set(puts).size]).toEqual([6, 6])
  const added: SourceEntry[] = [{ type: 'directory', path: 'empty' }, ...await entriesOf([{ name: 'a/e', text: 'e' }], store)]
  await directory.add(added)
  const root = await directory.root()
  const whole = new DirectoryImport(store.stage())
  const sources = [{ name: 'a/b/c', text: 'c' }, { name: 'd', text: 'd' }, { name: 'manifest.json', text: 'm' }, { name: 'a/e', text: 'e' }]
  await whole.add([...await entriesOf(sources, store), { type: 'directory', path: 'empty' }])
  expect(root.equals(await whole.root())).toBe(true)
})

test('gives the root of importing everything where entries are linked by their CIDs', async () => {
  const unixfs = table.cases.find(({ name }) => name.includes('linked'))
  if (unixfs === undefined) throw new Error('The table has no case with links')
  const store = new FakeStore()
  const staging = store.stage()
  const all = new DirectoryImport(staging)
  await all.add(await entriesOf([...caseFiles(unixfs)].map(sourceOf), store))
  await all.root()
  const linked = Object.entries(unixfs.entries).filter(([path]) => /^inputs\/linked-[^/]*$/.test(path))
  const imported = [...caseFiles(unixfs)].filter(({ path }) => !path.startsWith('inputs/linked-'))
  const mixed = new DirectoryImport(staging)
  const sources = [...imported.map(sourceOf), ...linked.map(([name, cid]): FileSource => ({ name, cid }))]
  await mixed.add(await openSources(sources, { blocks: staging, paths: new EntryPaths(100) }))
  expect(linked.length).toBe(4)
  expect((await mixed.root()).toString()).toBe(unixfs.cid)
})

test('names the content before more is added, and then the whole', async () => {
  const store = new FakeStore()
  const directory = new DirectoryImport(store.stage())
  await directory.add(await entriesOf([{ name: 'a/b.txt', text: 'b' }], store))
  const before = await directory.content()
  await directory.add(await entriesOf([{ name: 'manifest.json', text: '{}' }], store))
  const whole = await directory.root()
  const once = new DirectoryImport(store.stage())
  await once.add(await entriesOf([{ name: 'manifest.json', text: '{}' }, { name: 'a/b.txt', text: 'b' }], store))
  expect(whole.toString()).toBe((await once.root()).toString())
  expect(before.toString()).not.toBe(whole.toString())
})

test('hashes the content of files, imported and below links, when asked', async () => {
  const store = new FakeStore()
  const staging = store.stage()
  const linked = new DirectoryImport(staging)
  await linked.add(await entriesOf([{ name: 'd/abc.txt', text: 'abc' }], store))
  const cid = await linked.root()
  const directory = new DirectoryImport(staging)
  const files = await directory.add([
    ...await entriesOf([{ name: 'x.txt', text: 'abc' }], store), { type: 'link', path: 'y', cid }
  ], { hashFiles: true })
  const abc = '0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'
  expect(Array.from(files, ({ path, bytes, sha256 }) => ({ path, bytes, sha256 }))).toEqual([
    { path: 'x.txt', bytes: 3n, sha256: abc }, { path: 'y/d/abc.txt', bytes: 3n, sha256: abc }
  ])
})

test('reports each file, and goes on when the callback throws', async () => {
  const store = new FakeStore()
  const events: DataNodeProgress[] = []
  const directory = new DirectoryImport(store.stage())
  await directory.add(await entriesOf([{ name: 'a', text: 'one' }, { name: 'b', text: '' }], store), {
    onProgress: event => {
      events.push(event)
      throw new Error('of the host')
    }
  })
  expect(events.toSorted((a, b) => JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)).toEqual([
    { type: 'datanode:publish:file', detail: { path: 'a', bytes: 3 } },
    { type: 'datanode:publish:file', detail: { path: 'b', bytes: 0 } }
  ])
})

test('keeps its own copy of bytes that the host goes on writing to', async () => {
  const store = new FakeStore()
  const reused = new Uint8Array(3)
  const stream = (async function * () {
    for (const value of [1, 2, 3]) yield reused.fill(value)
  })()
  const directory = new DirectoryImport(store.stage())
  await directory.add(await entriesOf([{ name: 'f', stream }], store))
  const same = new DirectoryImport(store.stage())
  await same.add(await entriesOf([{ name: 'f', bytes: Uint8Array.of(1, 1, 1, 2, 2, 2, 3, 3, 3) }], store))
  expect((await directory.root()).toString()).toBe((await same.root()).toString())
})

test('lets a signal be aborted while a source is always ready', async () => {
  const store = new FakeStore()
  const abort = new AbortController()
  const reason = new Error('enough')
  const piece = new Uint8Array(64 * 1024)
  const endless = (async function * () { for (;;) yield piece })()
  setImmediate(() => { abort.abort(reason) })
  const entries = await entriesOf([{ name: 'endless', stream: endless }], store)
  await expect(new DirectoryImport(store.stage()).add(entries, { signal: abort.signal })).rejects.toBe(reason)
})

test('rejects with the reason of the signal, and leaves nothing running', async () => {
  const store = new FakeStore()
  const abort = new AbortController()
  const reason = new Error('enough')
  let ended = false
  const stream = (async function * () {
    try {
      for (;;) yield new Uint8Array(mib)
    } finally {
      ended = true
    }
  })()
  const directory = new DirectoryImport(store.stage())
  const added = directory.add(await entriesOf([{ name: 'endless', stream }, { name: 'b', text: 'b' }], store), {
    signal: abort.signal,
    onProgress: () => { abort.abort(reason) }
  })
  await expect(added).rejects.toBe(reason)
  expect(ended).toBe(true)
})
