import { expect, test } from 'vitest'
import { CorruptBlockError, InvalidArgumentError, NotStoredError, StorageError } from '../../src/errors.ts'
import { readMemory, receivedMemory } from '../../src/format/claimed-memory.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { StagedBlocks } from '../../src/store/staged-blocks.ts'
import { StagingArea } from '../../src/store/staging-area.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { largeDag, raw, recordOf } from './dags.ts'
import { FailingFileSystem, WatchedFileSystem } from './fault-file-systems.ts'
import { makeParts } from './fixtures.ts'
import type { Block, Dag } from './fixtures.ts'

const dag = largeDag('one', 6, 300_000)
const bytesTotal = dag.blocks.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)

test('counts blocks that have files of their own, and marks that before the first of them is written', async () => {
  const parts = await makeParts()
  const places: number[] = []
  const blocks = new StagedBlocks(parts, { place: async () => { places.push(await countFiles(parts)) }, remove: async () => {} })
  await blocks.put(dag.root, dag.blocks[0]?.bytes ?? expect.fail())
  expect([blocks.inFiles, places]).toEqual([{ blocks: 0, bytes: 0 }, []])
  await putAll(blocks)
  await blocks.settle()
  expect(blocks.inFiles).toEqual({ blocks: dag.blocks.length, bytes: bytesTotal })
  expect(places).toEqual([0])
})

test('keeps at rest what is in files, and lets bundles go whose blocks it has used', async () => {
  const parts = await makeParts()
  const stored = largeDag('stored')
  await using staging = new StagingArea(parts)
  for (const { cid, bytes } of stored.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(stored.root))
  const { blocks } = staged(parts)
  await putAll(blocks, stored)
  await putAll(blocks)
  expect(parts.keeps.has(stored.root.toString())).toBe(true)
  await blocks.rest()
  expect(parts.keeps.has(stored.root.toString())).toBe(false)
  expect(blocks.inFiles).toEqual({ blocks: dag.blocks.length, bytes: bytesTotal })
  expect(stored.blocks.map(({ cid }) => blocks.staged(blockKey(cid)))).toEqual(stored.blocks.map(() => undefined))
  const small = raw('after')
  await blocks.put(small.cid, small.bytes)
  await blocks.settle()
  expect(blocks.inFiles.blocks).toBe(dag.blocks.length + 1)
})

test('forgets at rest what is in memory alone', async () => {
  const { blocks } = staged(await makeParts())
  const { cid, bytes } = raw('small')
  await blocks.put(cid, bytes)
  await blocks.rest()
  expect(await blocks.has(cid)).toBe(false)
  await blocks.put(cid, bytes)
  expect(await blocks.get(cid)).toEqual(bytes)
})

test('tries again what failed once it is forgiven, and after a rest', async () => {
  for (const way of ['forgive', 'rest'] as const) {
    const fileSystem = new FailingFileSystem(new MemoryFileSystem())
    const { blocks } = staged(await makeParts({ fileSystem }))
    fileSystem.from('before', n => n === 4)
    await putAll(blocks).catch(() => {})
    await expect(blocks.settle()).rejects.toThrow('EIO')
    const extra = raw('extra')
    await expect(blocks.put(extra.cid, extra.bytes)).rejects.toThrow('EIO')
    await blocks[way]()
    await putAll(blocks)
    await blocks.put(extra.cid, extra.bytes)
    await blocks.settle()
    expect(blocks.inFiles.blocks).toBe(dag.blocks.length + 1)
    expect(await blocks.end()).toEqual({ bytes: bytesTotal + extra.bytes.byteLength, files: dag.blocks.length + 1 })
  }
})

test('places its mark again after that was refused', async () => {
  const parts = await makeParts()
  let places = 0
  const blocks = new StagedBlocks(parts, { place: async () => { if (++places === 1) throw new Error('no') }, remove: async () => {} })
  await expect(putAll(blocks)).rejects.toThrow('no')
  expect(await countFiles(parts)).toBe(0)
  blocks.forgive()
  await putAll(blocks)
  await blocks.settle()
  expect([places, blocks.inFiles.blocks]).toEqual([2, dag.blocks.length])
})

test('forgets a block whose file is not what it should be, so that it can be put again', async () => {
  const parts = await makeParts()
  const { blocks } = staged(parts)
  await putAll(blocks)
  await blocks.settle()
  const { cid, bytes } = dag.blocks[2] ?? expect.fail()
  const { file } = parts.paths.block(cid)
  await parts.fileSystem.remove(file)
  await parts.fileSystem.writeFile(file, [new Uint8Array(bytes.byteLength)], { sync: false })
  await expect(blocks.get(cid)).rejects.toThrow(CorruptBlockError)
  expect(await blocks.has(cid)).toBe(false)
  await expect(blocks.get(cid)).rejects.toThrow(NotStoredError)
  await blocks.put(cid, bytes)
  await blocks.settle()
  expect(Buffer.from(await blocks.get(cid)).equals(bytes)).toBe(true)
  expect(blocks.inFiles).toEqual({ blocks: dag.blocks.length, bytes: bytesTotal })
})

test('writes a file anew that others count on too when it was found damaged', async () => {
  const parts = await makeParts()
  const [one, two] = [staged(parts).blocks, staged(parts).blocks]
  for (const blocks of [one, two]) {
    await putAll(blocks)
    await blocks.settle()
  }
  const { cid, bytes } = dag.blocks[2] ?? expect.fail()
  const { file } = parts.paths.block(cid)
  await parts.fileSystem.remove(file)
  await parts.fileSystem.writeFile(file, [new Uint8Array(1)], { sync: false })
  await expect(one.get(cid)).rejects.toThrow(CorruptBlockError)
  await one.put(cid, bytes)
  await one.settle()
  for (const blocks of [one, two]) expect(Buffer.from(await blocks.get(cid)).equals(bytes)).toBe(true)
})

test('does not build on a block of a stored bundle once it was found damaged', async () => {
  const parts = await makeParts()
  const { blocks } = staged(parts)
  await putAll(blocks)
  await blocks.settle()
  await using staging = new StagingArea(parts)
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(dag.root))
  const { cid, bytes } = dag.blocks[2] ?? expect.fail()
  await parts.fileSystem.remove(parts.paths.block(cid).file)
  await expect(blocks.get(cid)).rejects.toThrow(CorruptBlockError)
  expect(parts.damage.has(blockKey(cid))).toBe(true)
  await blocks.put(cid, bytes)
  await blocks.settle()
  expect(Buffer.from(await blocks.get(cid)).equals(bytes)).toBe(true)
  expect(Buffer.from(await parts.blocks.examine(cid)).equals(bytes)).toBe(true)
})

test('writes a block once that was on its way when another one failed', async () => {
  const gate = Promise.withResolvers<undefined>()
  let writes = 0
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
    if (call.name !== 'writeFile') return make()
    const n = ++writes
    if (n === 1) await gate.promise
    if (n === 2) throw new StorageError('EIO', { code: 'EIO' })
    return make()
  })
  const place = async (): Promise<void> => {
    if (writes === 0) return
    gate.resolve(undefined)
    await expect.poll(() => blocks.inFiles.blocks).toBe(1)
  }
  const blocks = new StagedBlocks(await makeParts({ fileSystem }), { place, remove: async () => {} })
  const [slow, failing, next] = ['slow', 'failing', 'next'].map(seed => raw(seed, 700_000)) as [Block, Block, Block]
  for (const { cid, bytes } of [slow, failing]) await blocks.put(cid, bytes)
  await expect.poll(() => writes).toBe(2)
  await new Promise(setImmediate)
  blocks.forgive()
  await blocks.put(next.cid, next.bytes)
  await blocks.settle()
  expect(blocks.inFiles).toEqual({ blocks: 3, bytes: 2_100_000 })
  for (const { cid, bytes } of [slow, failing, next]) expect(Buffer.from(await blocks.get(cid)).equals(bytes)).toBe(true)
  expect(await blocks.end()).toEqual({ bytes: 2_100_000, files: 3 })
})

test('takes blocks that have files, and writes everything that follows to files too', async () => {
  const parts = await makeParts()
  const first = staged(parts)
  await putAll(first.blocks)
  await first.blocks.settle()
  const { blocks, marks } = staged(parts)
  for (const { cid, bytes } of dag.blocks) {
    blocks.restore(cid, bytes.byteLength)
    blocks.restore(cid, bytes.byteLength)
  }
  expect(blocks.inFiles).toEqual({ blocks: dag.blocks.length, bytes: bytesTotal })
  await first.blocks.end()
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(await blocks.get(cid)).equals(bytes)).toBe(true)
  const small = raw('small')
  await blocks.put(small.cid, small.bytes)
  await blocks.settle()
  expect(await countFiles(parts)).toBe(dag.blocks.length + 1)
  await blocks.end()
  expect([await countFiles(parts), marks]).toEqual([0, ['placed', 'removed']])
})

test('leaves its mark when files stay that it cannot remove, and when it is abandoned', async () => {
  for (const isAbandoned of [true, false]) {
    const fileSystem = new FailingFileSystem(new MemoryFileSystem())
    const { blocks, marks } = staged(await makeParts({ fileSystem }))
    await putAll(blocks)
    await blocks.settle()
    if (isAbandoned) blocks.abandon()
    fileSystem.from('before', n => n === 1)
    await blocks.end()
    expect(marks).toEqual(['placed'])
  }
})

test('takes nothing while a put waits for its turn and the end comes', async () => {
  const parts = await makeParts()
  const { blocks } = staged(parts)
  const taken = await Promise.all(Array.from({ length: 8 }, () => parts.writes.take()))
  const putting = expect(putAll(blocks)).rejects.toThrow(InvalidArgumentError)
  await new Promise(setImmediate)
  const ending = blocks.end()
  for (const release of taken) release()
  await Promise.all([putting, ending])
  expect(await countFiles(parts)).toBe(0)
})

function staged (parts: StoreParts): { blocks: StagedBlocks, marks: string[] } {
  const marks: string[] = []
  const blocks = new StagedBlocks(parts, { place: async () => { marks.push('placed') }, remove: async () => { marks.push('removed') } })
  return { blocks, marks }
}

async function putAll (blocks: StagedBlocks, { blocks: all }: Dag = dag): Promise<void> {
  for (const { cid, bytes } of all) await blocks.put(cid, bytes)
}

async function countFiles ({ fileSystem, paths }: StoreParts): Promise<number> {
  const shards = await fileSystem.list(paths.blocks)
  return (await Promise.all(shards.map(shard => fileSystem.list(`${paths.blocks}/${shard}`)))).flat().length
}

test('frees claimed memory of a block that is in its file, unless somebody was given it', async () => {
  const { blocks } = staged(await makeParts({ fileSystem: new UnclaimedFileSystem() }))
  const claimed = largeDag('freed', 6, 300_000).blocks.map(({ cid, bytes }) => ({ cid, bytes: receivedMemory.claim(new Uint8Array(bytes)) }))
  const copies = claimed.map(({ bytes }) => new Uint8Array(bytes))
  const shown = claimed.at(-1) ?? expect.fail()
  const puts = claimed.map(async ({ cid, bytes }) => { await blocks.put(cid, bytes) })
  expect(await blocks.get(shown.cid)).toBe(shown.bytes)
  await Promise.all(puts)
  await blocks.settle()
  const left = claimed.filter(({ bytes }) => bytes.byteLength > 0)
  expect(left.filter(({ bytes }) => bytes.byteLength >= 16 * 1024)).toEqual([shown])
  for (const [at, { cid }] of claimed.entries()) expect(await blocks.get(cid)).toEqual(copies[at])
})

test('leaves the memory of a block alone that was read for somebody', async () => {
  const { blocks } = staged(await makeParts({ fileSystem: new UnclaimedFileSystem() }))
  const read = dag.blocks.map(({ cid, bytes }) => ({ cid, bytes: readMemory.claim(new Uint8Array(bytes)) }))
  for (const { cid, bytes } of read) await blocks.put(cid, bytes)
  await blocks.settle()
  expect(read.map(({ bytes }) => bytes)).toEqual(dag.blocks.map(({ bytes }) => bytes))
})

/** Copies what it is given, as a disk does. */
class UnclaimedFileSystem extends MemoryFileSystem {
  override writeFile (path: string, chunks: readonly Uint8Array[]): Promise<void> {
    return super.writeFile(path, chunks.map(chunk => new Uint8Array(chunk)))
  }
}
