import { expect, test } from 'vitest'
import { partialMsMax } from '../../src/limits.ts'
import type { Store } from '../../src/interface/store.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import type { StoreInit } from '../../src/store/store.ts'
import { copyFiles } from './fault-file-systems.ts'
import { commit, largeDag, openMemory, raw } from './fixtures.ts'
import type { Dag } from './fixtures.ts'
import { bytesOf, filesOf, leavePartial, paths } from './partial-fixtures.ts'

const [a, b, c] = ['a', 'b', 'c'].map(name => largeDag(name, 6, 300_000)) as [Dag, Dag, Dag]

test('takes up what an earlier process left, and nothing that was used too long ago', async () => {
  for (const [ageMs, isLeft] of [[partialMsMax - 1, true], [partialMsMax, false]] as const) {
    const fileSystem = new MemoryFileSystem()
    await leave([a], { fileSystem, clock: () => 5000 })
    const store = await openMemory({ fileSystem, clock: () => 5000 + ageMs })
    await using partial = store.partial(a.root)
    expect((await partial.found()).blocks).toBe(isLeft ? a.blocks.length : 0)
    if (!isLeft) expect(await filesOf(fileSystem)).toEqual([])
  }
})

test('keeps what was said of it with its blocks, also when the process is killed', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const partial = store.partial(a.root)
  expect(partial.said).toBeUndefined()
  partial.note({ access: 'restricted', statements: [Uint8Array.of(1)] })
  for (const { cid, bytes } of a.blocks) await partial.put(cid, bytes)
  const killed = await openMemory({ fileSystem: await copyFiles(fileSystem, new MemoryFileSystem()) })
  await using found = killed.partial(a.root)
  expect(found.said).toEqual({ access: 'restricted', statements: [Uint8Array.of(1)] })
  partial.note({ access: 'anyone', statements: [Uint8Array.of(2)] })
  await partial.suspend()
  const said = { access: 'restricted', statements: [Uint8Array.of(2), Uint8Array.of(1)] }
  await using same = store.partial(a.root)
  expect(same.said).toEqual(said)
  await same.suspend()
  await store.close()
  await using later = (await openMemory({ fileSystem })).partial(a.root)
  expect(later.said).toEqual(said)
})

test('counts the time from its last use, and none when the clock was set back', async () => {
  const fileSystem = new MemoryFileSystem()
  await leave([a], { fileSystem, clock: () => 5000 })
  const used = await openMemory({ fileSystem, clock: () => partialMsMax })
  await used.partial(a.root).suspend()
  await used.close()
  const later = await openMemory({ fileSystem, clock: () => partialMsMax + 5000 })
  expect(later.usage().partialBytes).toBe(bytesOf(a))
  await later.close()
  const back = await openMemory({ fileSystem, clock: () => 1 })
  expect(back.usage().partialBytes).toBe(bytesOf(a))
})

test('removes a mark that cannot be read, with its blocks', async () => {
  const fileSystem = new MemoryFileSystem()
  await leave([a, b], { fileSystem })
  const mark = paths.partial(a.root.toString())
  await fileSystem.remove(mark)
  await fileSystem.writeFile(mark, [Buffer.from('{')])
  const store = await openMemory({ fileSystem })
  expect(store.usage().partialBytes).toBe(bytesOf(b))
  expect(await fileSystem.list(paths.partials)).toEqual([b.root.toString()])
  await store.collect()
  expect(await filesOf(fileSystem)).toEqual([])
})

test('keeps nothing that a power cut could take where that is not to be', async () => {
  for (const [before, after, isLeft] of [['process-crash', 'power-cut', false], ['power-cut', 'process-crash', true],
    ['process-crash', 'process-crash', true]] as const) {
    const fileSystem = new MemoryFileSystem()
    await leave([a], { fileSystem, storage: { durability: before } })
    const store = await openMemory({ fileSystem, storage: { durability: after } })
    expect(store.usage().partialBytes, `${before}, ${after}`).toBe(isLeft ? bytesOf(a) : 0)
  }
})

test('says anew how blocks are written as soon as one is written in another way', async () => {
  const fileSystem = new MemoryFileSystem()
  await leave([a], { fileSystem })
  const careless = await openMemory({ fileSystem, storage: { durability: 'process-crash' } })
  const { cid, bytes } = raw('more')
  // It is never suspended: the process ends.
  const partial = careless.partial(a.root)
  await partial.put(cid, bytes)
  await expect.poll(() => fileSystem.stat(paths.block(cid).file)).toBeDefined()
  const copy = await copyFiles(fileSystem, new MemoryFileSystem())
  expect((await openMemory({ fileSystem: copy })).usage().partialBytes).toBe(0)
  expect(await filesOf(copy)).toEqual([])
})

test('goes before any bundle that is cached, the one first that was used least recently, and never one in use', async () => {
  let now = 1000
  const store = await openMemory({ clock: () => now })
  const bundle = largeDag('bundle')
  await commit(store, bundle, { holds: [] })
  for (const dag of [b, a, c]) {
    now++
    await leavePartial(store, dag)
  }
  await using inUse = store.partial(b.root)
  expect(await store.collect({ bytes: 1 })).toEqual({ bundles: 0, bytes: bytesOf(a), files: a.blocks.length })
  expect([await countOf(store, a), await countOf(store, c)]).toEqual([0, c.blocks.length])
  expect(await store.collect({ bytes: bytesOf(c) + 1 })).toMatchObject({ bundles: 1 })
  expect(await inUse.has(b.root)).toBe(true)
  await store.collect()
  expect(store.usage().partialBytes).toBe(bytesOf(b))
})

test('makes room for what is put', async () => {
  const store = await openMemory({ storage: { quota: '16MiB' } })
  const cached = largeDag('cached', 4, 500_000)
  await commit(store, cached, { holds: [] })
  const old = largeDag('old', 9, 500_000)
  await leavePartial(store, old)
  await commit(store, largeDag('new', 4, 500_000))
  expect(store.record(cached.root)).toBeDefined()
  expect(store.usage().partialBytes).toBe(0)
})

test('ends when its bundle is listed although its mark stayed', async () => {
  const fileSystem = new MemoryFileSystem()
  await leave([a], { fileSystem })
  const mark = await fileSystem.readFile(paths.partial(a.root.toString())) ?? expect.fail()
  const store = await openMemory({ fileSystem })
  await commit(store, a)
  await store.close()
  await fileSystem.writeFile(paths.partial(a.root.toString()), [mark])
  const again = await openMemory({ fileSystem })
  expect(await fileSystem.list(paths.partials)).toEqual([])
  for (const { cid, bytes } of a.blocks) expect(Buffer.from(await again.get(cid)).equals(bytes)).toBe(true)
})

test('shares blocks with bundles and with others, which have them when it ends', async () => {
  for (const reopen of [false, true]) {
    const fileSystem = new MemoryFileSystem()
    const first = await openMemory({ fileSystem })
    const shared = largeDag('shared', 5, 300_000)
    const both: Dag = { root: a.root, blocks: [...a.blocks, ...shared.blocks] }
    await leavePartial(first, both)
    await leavePartial(first, shared)
    await commit(first, largeDag('shared', 5, 300_000))
    if (reopen) await first.close()
    const store = reopen ? await openMemory({ fileSystem }) : first
    await store.collect()
    for (const { cid, bytes } of shared.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
    expect(await fileSystem.list(paths.partials)).toEqual([])
  }
})

/** Leaves what interrupted fetches leave, and closes the store. */
async function leave (dags: readonly Dag[], init: Partial<StoreInit>): Promise<void> {
  const store = await openMemory(init)
  for (const dag of dags) await leavePartial(store, dag)
  await store.close()
}

async function countOf (store: Store, { root }: Dag): Promise<number> {
  const partial = store.partial(root)
  const { blocks } = await partial.found()
  await partial.suspend()
  return blocks
}
