import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { CorruptBlockError, InvalidArgumentError, InvalidDagError, LimitExceededError, NotStoredError, StorageError, StoppedError } from '../../src/errors.ts'
import { blockBytesMax, packedBlockBytesMax, smallBundleBytesMax, writeConcurrency } from '../../src/limits.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { isMark, RepositoryPaths } from '../../src/store/paths.ts'
import { cidOf, directoryOf, largeDag, raw, recordOf, smallDag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { commit, openMemory } from './fixtures.ts'
import type { Dag } from './fixtures.ts'

const paths = new RepositoryPaths('/')

test('keeps blocks in memory up to the bound and gives each a file beyond it', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await using staging = store.stage()
  const [first, second, third] = [raw('first', smallBundleBytesMax - 1), raw('second', 1), raw('third', 1)]
  for (const { cid, bytes } of [first, second]) await staging.put(cid, bytes)
  expect(await fileSystem.list(paths.blocks)).toEqual([])
  expect(await fileSystem.list(paths.temp)).toEqual([])
  await staging.put(third.cid, third.bytes)
  for (const { cid, bytes } of [first, second, third]) {
    expect(Buffer.from(bytes).equals(await staging.get(cid))).toBe(true)
    expect(await staging.has(cid)).toBe(true)
    expect(await store.has(cid)).toBe(false)
  }
  expect((await fileSystem.list(paths.temp)).filter(isMark)).toHaveLength(1)
})

test('commits a bundle of exactly the bound as a CAR, and of one byte more as files', async () => {
  for (const [more, extension] of [[0, '.car'], [1, '.data']] as const) {
    const fileSystem = new MemoryFileSystem()
    const store = await openMemory({ fileSystem })
    const overhead = directoryOf([raw('x', 1)]).blocks[0]?.bytes.byteLength ?? 0
    await commit(store, directoryOf([raw('file', smallBundleBytesMax - overhead + more)]))
    const names = [...await fileSystem.list(paths.bundles), ...(await Promise.all((await fileSystem.list(paths.blocks))
      .map(shard => fileSystem.list(`${paths.blocks}/${shard}`)))).flat()]
    expect(names.some(name => name.endsWith(extension))).toBe(true)
    expect(names.some(name => name.endsWith(extension === '.car' ? '.data' : '.car'))).toBe(false)
  }
})

test('keeps a bundle of tiny blocks as one CAR up to its own bound, and no longer than its blocks are tiny', async () => {
  const tiny = Array.from({ length: 600 }, (_, at) => raw(`tiny ${at}`, packedBlockBytesMax - 100))
  const isCar = async (dag: Dag): Promise<boolean> => {
    const fileSystem = new MemoryFileSystem()
    const store = await openMemory({ fileSystem })
    await commit(store, dag)
    for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await store.get(cid)).equals(bytes)).toBe(true)
    return (await fileSystem.list('/blocks')).length === 0
  }
  expect(await isCar(directoryOf(tiny.slice(0, 400)))).toBe(true)
  expect(await isCar(directoryOf(tiny))).toBe(false)
  expect(await isCar(directoryOf([...tiny.slice(0, 60), raw('not tiny', 500_000)]))).toBe(false)
})

test('reads through to what is stored, and writes that no second time', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const dag = largeDag('one')
  await commit(store, dag)
  await using staging = store.stage()
  expect(await staging.has(dag.root)).toBe(true)
  expect(await staging.get(dag.root)).toEqual(dag.blocks[0]?.bytes)
  await expect(staging.get(raw('other').cid)).rejects.toThrow(NotStoredError)
  let writes = 0
  const watched = await openMemory({
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
      if (call.name === 'writeFile' && call.path.startsWith(paths.temp)) writes++
      return make()
    })
  })
  await commit(watched, dag)
  const before = writes
  const extra = raw('extra', smallBundleBytesMax)
  const again = directoryOf([...dag.blocks.slice(1), extra])
  await commit(watched, again)
  // Its mark, its two new blocks and its record.
  expect(writes - before).toBe(4)
})

test('has at most so many files being written, and keeps the caller waiting', async () => {
  let writing = 0
  let most = 0
  const gates: PromiseWithResolvers<undefined>[] = []
  let isGated = false
  const store = await openMemory({
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
      if (!isGated || call.name !== 'writeFile' || isMark(call.path)) return make()
      most = Math.max(most, ++writing)
      const gate = Promise.withResolvers<undefined>()
      gates.push(gate)
      await gate.promise
      writing--
      return make()
    })
  })
  isGated = true
  await using staging = store.stage()
  const dag = largeDag('one', 20, 300_000)
  let put = 0
  const putting = (async () => {
    for (const { cid, bytes } of dag.blocks) {
      await staging.put(cid, bytes)
      put++
    }
  })()
  await expect.poll(() => writing).toBe(writeConcurrency)
  expect(put).toBeLessThan(dag.blocks.length)
  isGated = false
  for (const gate of gates) gate.resolve(undefined)
  await putting
  await staging.commit(recordOf(dag.root))
  expect(most).toBe(writeConcurrency)
})

test('gives up waiting to write with the reason of the signal, and takes the block when it is put again', async () => {
  const gate = Promise.withResolvers<undefined>()
  let isGated = false
  const store = await openMemory({
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
      if (isGated && call.name === 'writeFile' && !isMark(call.path)) await gate.promise
      return make()
    })
  })
  isGated = true
  await using staging = store.stage()
  const dag = largeDag('one', 12, 300_000)
  const controller = new AbortController()
  const reason = new Error('enough')
  const putting = (async () => {
    for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes, { signal: controller.signal })
  })()
  controller.signal.throwIfAborted()
  const outcome = expect(putting).rejects.toBe(reason)
  await new Promise(setImmediate)
  controller.abort(reason)
  await outcome
  gate.resolve(undefined)
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(dag.root))
  expect(store.record(dag.root)?.blocks).toBe(dag.blocks.length)
})

test('removes what was put when it is discarded, but nothing that another one put too', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const dag = largeDag('one')
  const [one, two] = [store.stage(), store.stage()]
  await Promise.all([one, two].map(async staging => {
    for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  }))
  await one.discard()
  await one.discard()
  await two.commit(recordOf(dag.root))
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(bytes).equals(await store.get(cid))).toBe(true)
  const three = store.stage()
  const other = largeDag('other')
  for (const { cid, bytes } of other.blocks) await three.put(cid, bytes)
  await three.discard()
  expect(await blockFiles(fileSystem)).toBe(dag.blocks.length)
  expect(await fileSystem.list(paths.temp)).toEqual([])
})

test('leaves nothing when it is discarded while blocks are being put', async () => {
  const dag = largeDag('one', 12, 300_000)
  for (const steps of [0, 1, 2, 3, 4, 6, 8, 12, 16, 24, 40, 80]) {
    const fileSystem = new MemoryFileSystem()
    const store = await openMemory({ fileSystem })
    const staging = store.stage()
    const puts = Promise.allSettled(dag.blocks.map(async ({ cid, bytes }) => staging.put(cid, bytes)))
    for (let step = 0; step < steps; step++) await Promise.resolve()
    await staging.discard()
    expect(await blockFiles(fileSystem), `after ${steps} steps`).toBe(0)
    expect(await fileSystem.list(paths.temp), `after ${steps} steps`).toEqual([])
    for (const put of await puts) if (put.status === 'rejected') expect(put.reason).toBeInstanceOf(InvalidArgumentError)
    expect(await blockFiles(fileSystem), `after ${steps} steps`).toBe(0)
  }
})

test('is discarded for everybody who asks only when its files are gone', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const staging = store.stage()
  for (const { cid, bytes } of largeDag('one').blocks) await staging.put(cid, bytes)
  const first = staging.discard()
  await staging.discard()
  expect(await blockFiles(fileSystem)).toBe(0)
  expect(await fileSystem.list(paths.temp)).toEqual([])
  await first
})

test('lets a commit win over the one beside it that is discarded', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const dag = largeDag('one')
  const [one, two] = [store.stage(), store.stage()]
  for (const staging of [one, two]) {
    for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  }
  await Promise.all([one.commit(recordOf(dag.root)), two.discard()])
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(bytes).equals(await store.get(cid))).toBe(true)
})

test('takes nothing after commit or discard', async () => {
  const store = await openMemory()
  const { cid, bytes } = raw('one')
  const one = store.stage()
  await one.put(cid, bytes)
  await one.commit(recordOf(cid))
  const two = store.stage()
  await two.discard()
  for (const staging of [one, two]) {
    await expect(staging.put(cid, bytes)).rejects.toThrow(InvalidArgumentError)
    await expect(staging.commit(recordOf(cid))).rejects.toThrow(InvalidArgumentError)
    await staging.discard()
  }
  expect(store.record(cid)).toBeDefined()
})

test('refuses blocks that a bundle may not have', async () => {
  const store = await openMemory()
  await using staging = store.stage()
  const bytes = new Uint8Array([1])
  await expect(staging.put(CID.createV1(0x55, create(0, bytes)), bytes)).rejects.toThrow(InvalidDagError)
  await expect(staging.put(cidOf(0x71, bytes), bytes)).rejects.toThrow(InvalidDagError)
  const [largest, larger] = [raw('large', blockBytesMax), raw('larger', blockBytesMax + 1)]
  await staging.put(largest.cid, largest.bytes)
  await expect(staging.put(larger.cid, larger.bytes)).rejects.toThrow(LimitExceededError)
})

test('keeps no more of a buffer than the block that was cut from it', async () => {
  const store = await openMemory()
  await using staging = store.stage()
  const { cid, bytes } = raw('one')
  const buffer = Buffer.concat([bytes, new Uint8Array(100_000)])
  await staging.put(cid, buffer.subarray(0, bytes.byteLength))
  buffer.fill(0)
  const read = await staging.get(cid)
  expect(Buffer.from(bytes).equals(read)).toBe(true)
  expect(read.buffer.byteLength).toBe(bytes.byteLength)
})

test('says at the commit that a write failed', async () => {
  let writes = 0
  const refused = new StorageError('The file system refuses to write: EIO', { code: 'EIO' })
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async ({ name, path }, make) => {
    // The first one is the mark.
    if (name === 'writeFile' && path.startsWith('/temp/') && ++writes === 5) throw refused
    return make()
  })
  const store = await openMemory({ fileSystem })
  const dag = largeDag('one')
  await using staging = store.stage()
  writes = 0
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)?.catch((error: unknown) => expect(error).toBeInstanceOf(StorageError))
  await expect(staging.commit(recordOf(dag.root))).rejects.toBe(refused)
})

test('does not return a staged block whose file has changed', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  await using staging = store.stage()
  const dag = largeDag('one')
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  const { cid } = dag.blocks[2] ?? expect.fail()
  await expect.poll(async () => fileSystem.stat(paths.block(cid).file)).toBeDefined()
  await fileSystem.remove(paths.block(cid).file)
  await fileSystem.writeFile(paths.block(cid).file, [new Uint8Array(256 * 1024)])
  await expect(staging.get(cid)).rejects.toThrow(CorruptBlockError)
})

test('is discarded when the store closes', async () => {
  const fileSystem = new MemoryFileSystem()
  const store = await openMemory({ fileSystem })
  const staging = store.stage()
  const dag = largeDag('one')
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await store.close()
  expect(await blockFiles(fileSystem)).toBe(0)
  expect(await fileSystem.list(paths.temp)).toEqual([])
  const { cid, bytes } = smallDag('two').blocks[0] ?? expect.fail()
  await expect(staging.put(cid, bytes)).rejects.toThrow(StoppedError)
  await expect(staging.commit(recordOf(dag.root))).rejects.toThrow(StoppedError)
})

async function blockFiles (fileSystem: MemoryFileSystem): Promise<number> {
  const shards = await fileSystem.list(paths.blocks)
  return (await Promise.all(shards.map(shard => fileSystem.list(`${paths.blocks}/${shard}`)))).flat().length
}
