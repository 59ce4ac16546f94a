import { MemoryDatastore } from 'datastore-core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { CorruptBlockError, InvalidArgumentError, InvalidDagError, NotStoredError, StorageError } from '../../src/errors.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { FailingFileSystem, PowerCutFileSystem, recording, WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { cidOf, commit, directoryOf, largeDag, node, openMemory, raw, recordOf, smallDag, totals } from './fixtures.ts'
import type { Dag } from './fixtures.ts'
import type { FileSystem, WriteFileOptions } from '../../src/store/file-system.ts'
import type { Store } from '../../src/interface/store.ts'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'

test('syncs a small bundle, the record, and the names of both, in this order', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  calls.length = 0
  const { root } = smallDag('one')
  await commit(store, smallDag('one'))
  const car = `/bundles/${root.toString()}.car`
  const record = `/bundles/${root.toString()}.1700000000000.json`
  expect(calls.map(describeCall)).toEqual([
    'writeFile temp synced', 'writeFile temp synced', `rename to ${car}`, `rename to ${record}`,
    'syncDirectory /bundles'
  ])
})

test('syncs every file and directory of a large bundle before its record', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  calls.length = 0
  const dag = largeDag('large')
  await commit(store, dag)
  const lines = calls.map(describeCall)
  const record = lines.findIndex(line => line.startsWith('rename') && line.endsWith('.json'))
  const before = lines.slice(0, record)
  expect(before.filter(line => line.startsWith('rename to /blocks/'))).toHaveLength(dag.blocks.length)
  for (const { to } of calls.filter(call => call.to?.startsWith('/blocks/') === true)) {
    const directory = to?.slice(0, to.lastIndexOf('/'))
    const renamed = before.lastIndexOf(`rename to ${to ?? ''}`)
    expect(before.indexOf(`syncDirectory ${directory ?? ''}`)).toBeGreaterThan(renamed)
    expect(before.filter(line => line === `syncDirectory ${directory ?? ''}`)).toHaveLength(1)
  }
  expect(before).toContain('syncDirectory /blocks')
  expect(before.every(line => !line.startsWith('writeFile') || line.endsWith('synced'))).toBe(true)
  expect(lines.slice(record)).toEqual([lines[record], 'syncDirectory /bundles', 'remove temp'])
})

test('writes nothing for blocks that it links', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  const [one, two] = [smallDag('one'), largeDag('two')]
  await commit(store, one)
  await commit(store, two)
  calls.length = 0
  const top = node([{ cid: one.root }, { cid: two.root }])
  const stored = await commit(store, { root: top.cid, blocks: [top] })
  expect(calls.filter(({ name }) => name === 'writeFile')).toHaveLength(2)
  expect(stored.blocks).toBe(1 + one.blocks.length + two.blocks.length)
  expect(totals(store).bytes).toBe([top, ...one.blocks, ...two.blocks].reduce((sum, { bytes }) => sum + bytes.byteLength, 0))
  for (const { cid } of [top, ...one.blocks, ...two.blocks]) await store.get(cid)
})

test('lists a root that is part of another bundle without a file for its blocks', async () => {
  const calls: Call[] = []
  const store = await openMemory({ fileSystem: recording(new MemoryFileSystem(), calls) })
  const inner = smallDag('inner')
  const outer = node([{ cid: inner.root }])
  await commit(store, { root: outer.cid, blocks: [outer, ...inner.blocks] })
  calls.length = 0
  const stored = await commit(store, { root: inner.root, blocks: [] })
  expect(calls.filter(({ name }) => name === 'writeFile')).toHaveLength(1)
  expect(stored.blocks).toBe(inner.blocks.length)
})

test('refuses a bundle that is not complete, and takes it once it is', async () => {
  const store = await openMemory()
  const { root, blocks } = smallDag('one')
  await using staging = store.stage()
  for (const { cid, bytes } of blocks.slice(0, -1)) await staging.put(cid, bytes)
  const error = await staging.commit(recordOf(root)).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(NotStoredError)
  expect(error).toMatchObject({ details: { cid: blocks.at(-1)?.cid.toString() } })
  expect([...store.records()]).toEqual([])
  expect(await store.has(root)).toBe(false)
  for (const { cid, bytes } of blocks.slice(-1)) await staging.put(cid, bytes)
  await staging.commit(recordOf(root))
  expect(store.record(root)?.blocks).toBe(blocks.length)
})

test('refuses links that a bundle may not have', async () => {
  const store = await openMemory()
  const identity = CID.createV1(0x55, create(0, new Uint8Array([1, 2, 3])))
  const other = CID.createV1(0x71, cidOf(0x71, new Uint8Array([1])).multihash)
  for (const cid of [identity, other]) {
    const top = node([{ cid }])
    await expect(commit(store, { root: top.cid, blocks: [top] })).rejects.toThrow(InvalidDagError)
    await expect(commit(store, { root: cid, blocks: [] })).rejects.toThrow(InvalidDagError)
  }
})

test('refuses a time that is not one', async () => {
  const store = await openMemory()
  for (const storedAt of [-1, 0.5, Number.NaN, Number.MAX_SAFE_INTEGER + 1]) {
    await expect(commit(store, smallDag('one'), { storedAt })).rejects.toThrow(InvalidArgumentError)
  }
  await commit(store, smallDag('one'), { storedAt: 0 })
})

test('drops blocks that are not under the root', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const [dag, stray] = [largeDag('one'), raw('stray', 300_000)]
  await commit(store, { root: dag.root, blocks: [...dag.blocks, stray] })
  expect(await store.has(stray.cid)).toBe(false)
  expect(await allFiles(fileSystem, '/blocks')).toHaveLength(dag.blocks.length)
})

test('rejects with the reason of the signal, and lists nothing', async () => {
  const store = await openMemory()
  const dag = smallDag('one')
  const reason = new Error('enough')
  await using staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await expect(staging.commit(recordOf(dag.root), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(store.record(dag.root)).toBeUndefined()
  await staging.commit(recordOf(dag.root))
})

for (const [size, dag] of [['small', smallDag('small')], ['large', largeDag('large', 6, 200 * 1024)]] as const) {
  for (const when of ['before', 'after'] as const) {
    test(`survives any one call that fails ${when} it is made while a ${size} bundle is stored`, async () => {
      let passed = false
      for (let n = 1; !passed; n++) {
        expect(n).toBeLessThan(500)
        passed = await failAt(dag, when, call => call === n, `call ${n}`)
      }
    })
  }

  test(`survives a disk that dies at any call while a ${size} bundle is stored`, async () => {
    let passed = false
    for (let n = 1; !passed; n++) {
      expect(n).toBeLessThan(500)
      passed = await failAt(dag, 'before', call => call >= n, `calls from ${n}`)
    }
  })

  test(`keeps what it acknowledged through a power cut after any call while a ${size} bundle is stored`, async () => {
    let passed = false
    for (let n = 1; !passed; n++) passed = await cutAfter(dag, n)
  })
}

for (const file of ['CAR', 'record']) {
  test(`loses what it acknowledged in a power cut when the disk ignores the fsync of the ${file}`, async () => {
    const power = new PowerCutFileSystem()
    let ignored: number | undefined
    const lying: FileSystem = Object.assign(new WatchedFileSystem(power, (_, make) => make()), {
      writeFile: (path: string, chunks: readonly Uint8Array[], { sync }: WriteFileOptions) =>
        power.writeFile(path, chunks, { sync: sync && (ignored === undefined || ignored-- !== 0) })
    })
    const store = await openMemory({ fileSystem: lying })
    const dag = smallDag('one')
    ignored = file === 'CAR' ? 0 : 1
    await commit(store, dag)
    const again = await openMemory({ fileSystem: await power.afterCut() })
    const reads = await Promise.allSettled(dag.blocks.map(({ cid }) => again.get(cid)))
    expect(reads.every(({ status }) => status === 'rejected')).toBe(true)
  })
}

test('takes a bundle back whose index could not be written, and stores it when it is tried again', async () => {
  for (const dag of [smallDag('one'), largeDag('two')]) {
    const fileSystem = new MemoryFileSystem()
    const datastore = new MemoryDatastore()
    const store = await openMemory({ fileSystem, datastore })
    const batch = datastore.batch.bind(datastore)
    datastore.batch = () => ({ ...batch(), commit: () => Promise.reject(new Error('no space')) })
    const failed = commit(store, dag).catch((reason: unknown) => {
      datastore.batch = batch
      return reason
    })
    expect(await failed).toBeInstanceOf(StorageError)
    expect(store.record(dag.root)).toBeUndefined()
    const again = await openMemory({ fileSystem: await copyOf(fileSystem) })
    for (const { root } of again.records()) {
      expect(root.equals(dag.root)).toBe(true)
      for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await again.get(cid)).equals(bytes)).toBe(true)
    }
    await store.close()
    const reopened = await openMemory({ fileSystem, datastore })
    await commit(reopened, dag)
    for (const { cid } of dag.blocks) await reopened.get(cid)
  }
})

test('stores one root once, however many try at the same time', async () => {
  for (const dag of [smallDag('one'), largeDag('two')]) {
    const fileSystem = new MemoryFileSystem()
    const calls: Call[] = []
    const store = await openMemory({ fileSystem: recording(fileSystem, calls) })
    const stored = await Promise.all(Array.from({ length: 20 }, (_, at) => commit(store, dag, { storedAt: at })))
    expect(new Set(stored.map(({ storedAt }) => storedAt)).size).toBe(1)
    expect(calls.filter(({ to }) => to?.endsWith('.json') === true)).toHaveLength(1)
    expect(await allFiles(fileSystem, '/temp')).toEqual([])
    for (const { cid } of dag.blocks) await store.get(cid)
  }
})

test('counts shared blocks once, whatever is stored and held in whatever order', async () => {
  const leaves = Array.from({ length: 6 }, (_, at) => raw(`leaf ${at}`, 50 + at))
  await fc.assert(fc.asyncProperty(
    fc.uniqueArray(fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5, selector: one => one.join() }),
    fc.array(fc.tuple(fc.nat(4), fc.boolean()), { maxLength: 8 }),
    async (bundles, changes) => {
      const store = await openMemory()
      const dags = bundles.map(picks => directoryOf(picks.flatMap(at => leaves[at] ?? [])))
      for (const [at, dag] of dags.entries()) await commit(store, dag, { holds: at % 2 === 0 ? [{ owner: 'host' }] : [] })
      for (const [at, held] of changes) {
        const dag = dags[at]
        if (dag !== undefined) await store.update(dag.root, { holds: held ? [{ owner: 'host' }] : [] })
      }
      expect(totals(store)).toEqual(countedUsage(store, dags))
    }
  ), { numRuns: 40 })
})

function countedUsage (store: Store, dags: readonly Dag[]): { bytes: number, heldBytes: number } {
  const [all, held] = [new Map<string, number>(), new Map<string, number>()]
  for (const { root, blocks } of dags) {
    for (const { cid, bytes } of blocks) {
      all.set(cid.toString(), bytes.byteLength)
      if (store.record(root)?.holds.length === 1) held.set(cid.toString(), bytes.byteLength)
    }
  }
  const sum = (sizes: Map<string, number>): number => [...sizes.values()].reduce((total, size) => total + size, 0)
  return { bytes: sum(all), heldBytes: sum(held) }
}

/** True when no call was refused. */
async function failAt (dag: Dag, when: 'before' | 'after', fails: (n: number) => boolean, label: string): Promise<boolean> {
  const disk = new MemoryFileSystem()
  const failing = new FailingFileSystem(disk)
  const datastore = new MemoryDatastore()
  const store = await openMemory({ fileSystem: failing, datastore })
  const earlier = smallDag('earlier')
  await commit(store, earlier)
  failing.from(when, fails)
  const outcome = await commit(store, dag).catch((reason: unknown) => reason)
  const untouched = failing.state.refused === 0
  if (untouched) expect(outcome, label).not.toBeInstanceOf(Error)
  else if (outcome instanceof Error) expect([StorageError.name, CorruptBlockError.name], label).toContain(outcome.name)
  failing.from('before', () => false)
  expect(store.record(dag.root) === undefined, label).toBe(outcome instanceof Error)
  await checkAfter(disk, datastore, [earlier], outcome instanceof Error ? undefined : dag, dag, label)
  return untouched
}

/** True when nothing was left to do at the cut. */
async function cutAfter (dag: Dag, calls: number): Promise<boolean> {
  const power = new PowerCutFileSystem()
  let left = Number.POSITIVE_INFINITY
  const store = await openMemory({
    fileSystem: new WatchedFileSystem(power, async (_, make) => {
      if (--left < 0) throw new StorageError('The power is cut', { code: 'EIO' })
      return make()
    })
  })
  const earlier = smallDag('earlier')
  await commit(store, earlier)
  left = calls
  const outcome = await commit(store, dag).catch((reason: unknown) => reason)
  const acknowledged = outcome instanceof Error ? undefined : dag
  await checkAfter(await power.afterCut(), new MemoryDatastore(), [earlier], acknowledged, dag, `cut after ${calls} calls`)
  return left >= 0
}

/** Opens what is left on the disk: what was acknowledged is there, what is listed is whole, and nothing else is there. */
async function checkAfter (disk: MemoryFileSystem, datastore: MemoryDatastore, earlier: Dag[], acknowledged: Dag | undefined, tried: Dag,
  label: string): Promise<void> {
  const copy = await copyOf(disk)
  const again = await openMemory({ fileSystem: copy, datastore })
  for (const { root } of [...earlier, ...acknowledged === undefined ? [] : [acknowledged]]) {
    expect(again.record(root), label).toBeDefined()
  }
  for (const dag of [...earlier, tried]) {
    if (again.record(dag.root) === undefined) continue
    for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await again.get(cid)).equals(bytes), label).toBe(true)
  }
  expect(await allFiles(copy, '/temp'), label).toEqual([])
  if (again.record(tried.root) === undefined) expect(await allFiles(copy, '/blocks'), label).toEqual([])
  expect((await allFiles(copy, '/bundles')).length, label).toBeLessThanOrEqual(2 * [...again.records()].length)
  await again.close()
}

async function allFiles (fileSystem: FileSystem, directory: string): Promise<string[]> {
  const found: string[] = []
  for (const name of await fileSystem.list(directory)) {
    const path = `${directory}/${name}`
    if ((await fileSystem.stat(path))?.type === 'directory') found.push(...await allFiles(fileSystem, path))
    else found.push(path)
  }
  return found
}

async function copyOf (disk: MemoryFileSystem): Promise<MemoryFileSystem> {
  const copy = new MemoryFileSystem()
  for (const directory of ['/temp', '/blocks', '/bundles']) {
    await copy.makeDirectory(directory)
    for (const path of await allFiles(disk, directory)) {
      await copy.makeDirectory(path.slice(0, path.lastIndexOf('/')))
      await copy.writeFile(path, [await disk.readFile(path) ?? new Uint8Array()])
    }
  }
  for (const path of ['/version', '/identity']) {
    const bytes = await disk.readFile(path)
    if (bytes !== undefined) await copy.writeFile(path, [bytes])
  }
  return copy
}

function describeCall ({ name, path, to, sync }: Call): string {
  const place = path.startsWith('/temp/') ? 'temp' : path
  if (name === 'rename') return `rename to ${to ?? ''}`
  return `${name} ${place}${sync === undefined ? '' : sync ? ' synced' : ' not synced'}`
}
