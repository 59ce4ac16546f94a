import { posix } from 'node:path'
import { MemoryDatastore } from 'datastore-core'
import { expect, test } from 'vitest'
import { StorageError } from '../../src/errors.ts'
import type { FileSystem } from '../../src/store/file-system.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { FailingFileSystem, PowerCutFileSystem, recording, WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { commit, directoryOf, largeDag, node, openMemory, smallDag, totals } from './fixtures.ts'
import type { Dag } from './fixtures.ts'
import { paths } from './partial-fixtures.ts'

const cache = { holds: [] }
const small = smallDag('small')
const large = largeDag('large', 5, 250_000)

/** A bundle that links another one, and puts nothing of it. */
function linking (dag: Dag): Dag {
  const top = node([{ cid: dag.root }])
  return { root: top.cid, blocks: [top] }
}

async function files (fileSystem: FileSystem, directory = '/'): Promise<string[]> {
  const found: string[] = []
  for (const name of await fileSystem.list(directory)) {
    const path = posix.join(directory, name)
    const is = await fileSystem.stat(path)
    if (is?.type === 'directory') found.push(...await files(fileSystem, path))
    else if (!['/identity', '/version', '/lock'].includes(path)) found.push(path)
  }
  return found
}

test('leaves nothing of a bundle that nobody holds', async () => {
  for (const dag of [small, large]) {
    const fileSystem = new MemoryFileSystem()
    const store = await openMemory({ fileSystem })
    const before = store.usage()
    await commit(store, dag, cache)
    const written = (await files(fileSystem)).length
    const bytes = totals(store).bytes
    expect(await store.collect()).toEqual({ bundles: 1, bytes, files: written })
    expect(await files(fileSystem)).toEqual([])
    expect([...store.records()]).toEqual([])
    for (const { cid } of dag.blocks) expect(await store.has(cid)).toBe(false)
    expect(store.usage()).toEqual(before)
  }
})

test('leaves the files of a damaged bundle that the index does not know to the next open', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await commit(store, large, cache)
  await fileSystem.remove(paths.block(large.root).file)
  await store.close()
  const withoutIndex = await openMemory({ fileSystem })
  expect(await withoutIndex.collect()).toMatchObject({ bundles: 1 })
  await withoutIndex.close()
  await (await openMemory({ fileSystem })).close()
  expect(await files(fileSystem)).toEqual([])
})

test('says that the record of block files is gone, on the drive, before the first of them goes', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  await commit(store, large, cache)
  calls.length = 0
  await store.collect()
  const steps = calls.map(({ name, path }) => `${name} ${posix.dirname(path) === '/temp' ? 'mark' : path.startsWith('/blocks') ? 'block' : path.replace(/\w{59}.*/, 'record')}`)
  expect([...new Set(steps)]).toEqual([
    'writeFile mark', 'syncDirectory /temp', 'remove /bundles/record', 'syncDirectory /bundles', 'remove block', 'remove mark'
  ])
})

test('keeps blocks that other bundles have, in files when they were in the CAR that goes', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await commit(store, small, cache)
  const evidence = linking(small)
  await commit(store, evidence)
  expect(await store.collect()).toMatchObject({ bundles: 1, bytes: 0 })
  expect(store.record(small.root)).toBeUndefined()
  for (const { cid, bytes } of [...evidence.blocks, ...small.blocks]) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
  expect((await files(fileSystem, '/blocks')).length).toBe(small.blocks.length)
  await store.update(evidence.root, cache)
  await store.collect()
  expect(await files(fileSystem)).toEqual([])
})

test('hands blocks on over and over, whichever goes first, also without an index', async () => {
  for (const order of [[0, 1, 2], [2, 1, 0], [1, 0, 2], [1, 2, 0], [0, 2, 1], [2, 0, 1]]) {
    const fileSystem = new MemoryFileSystem()
    let store = await openMemory({ fileSystem })
    const dags = [small, linking(small), directoryOf([...small.blocks, ...large.blocks])]
    await commit(store, large)
    for (const dag of dags) await commit(store, dag)
    for (const [n, at] of order.entries()) {
      await store.update(dags[at]?.root ?? expect.fail(), cache)
      expect(await store.collect()).toMatchObject({ bundles: 1 })
      if (n === 1) {
        await store.close()
        store = await openMemory({ fileSystem })
      }
      for (const later of order.slice(n + 1)) {
        for (const { cid, bytes } of dags[later]?.blocks ?? []) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
        for (const { cid } of later === 1 ? small.blocks : []) await store.get(cid)
      }
      for (const { cid } of large.blocks) await store.get(cid)
    }
    await store.update(large.root, cache)
    await store.collect()
    expect(await files(fileSystem)).toEqual([])
    expect(totals(store)).toEqual({ bytes: 0, heldBytes: 0 })
  }
})

test('survives any one call that fails: the bundle is there whole, or is not listed and leaves nothing', async () => {
  for (const when of ['before', 'after'] as const) {
    for (const dag of [small, large]) {
      for (let n = 1, refused = 1; refused > 0; n++) {
        const disk = new MemoryFileSystem()
        const failing = new FailingFileSystem(disk)
        const store = await openMemory({ fileSystem: failing })
        const held = linking(small)
        await commit(store, small, cache)
        await commit(store, held)
        if (dag !== small) await commit(store, dag, cache)
        failing.from(when, call => call === n)
        await store.collect()
        refused = failing.state.refused
        failing.from(when, () => false)
        await checkWhole(store, [small, large], `call ${n} ${when}`)
        await store.close()
        const again = await openMemory({ fileSystem: disk })
        await checkWhole(again, [small, large], `call ${n} ${when}, opened again`)
        for (const { cid } of [...held.blocks, ...small.blocks]) await again.get(cid)
        await again.collect()
        await again.update(held.root, cache)
        await again.collect()
        expect(await files(disk), `call ${n} ${when}`).toEqual([])
      }
    }
  }
})

test('survives a power cut after any call', async () => {
  for (let calls = 0, wasCut = true; wasCut; calls++) {
    const power = new PowerCutFileSystem()
    let left = Number.POSITIVE_INFINITY
    const store = await openMemory({
      fileSystem: new WatchedFileSystem(power, async (_, make) => {
        if (--left < 0) throw new StorageError('The power is cut', { code: 'EIO' })
        return make()
      })
    })
    const held = linking(small)
    await commit(store, large, cache)
    await commit(store, small, cache)
    await commit(store, held)
    left = calls
    await store.collect()
    wasCut = left < 0
    const disk = await power.afterCut()
    const again = await openMemory({ fileSystem: disk, datastore: new MemoryDatastore() })
    await checkWhole(again, [small, large], `cut after ${calls} calls`)
    for (const { cid } of [...held.blocks, ...small.blocks]) await again.get(cid)
    await again.collect()
    await again.update(held.root, cache)
    await again.collect()
    expect(await files(disk), `cut after ${calls} calls`).toEqual([])
  }
})

async function checkWhole (store: Awaited<ReturnType<typeof openMemory>>, dags: readonly Dag[], label: string): Promise<void> {
  for (const dag of dags) {
    if (store.record(dag.root) === undefined) continue
    for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes), label).toBe(true)
  }
}
