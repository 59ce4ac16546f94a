import { basename } from 'node:path'
import { CID } from 'multiformats/cid'
import { create } from 'multiformats/hashes/digest'
import { expect, test } from 'vitest'
import { CorruptBlockError, NotStoredError, StorageError } from '../../src/errors.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { layOutCar } from '../../src/store/bundle-files.ts'
import type { FileSystem } from '../../src/store/file-system.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { rootText } from '../../src/store/paths.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { largeDag, raw, smallDag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { makeParts } from './fixtures.ts'
import { partsWith, putAgain } from './hurt.ts'

const dag = smallDag('one', 50)

test('opens the file of a small bundle once for all of its blocks', async () => {
  let reads = 0
  const { blocks } = await withCar(new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
    if (call.name === 'readFile') reads++
    return make()
  }))
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(bytes).equals(await blocks.get(cid))).toBe(true)
  expect(reads).toBe(1)
})

test('gives each reader bytes of its own', async () => {
  const { blocks } = await withCar()
  const first = await blocks.get(dag.root)
  first.fill(0)
  expect(await blocks.get(dag.root)).toEqual(dag.blocks[0]?.bytes)
})

test('reads blocks beside the one that is damaged', async () => {
  const { blocks, fileSystem, paths } = await withCar()
  const car = paths.car(rootText(dag.root))
  const file = Buffer.from(await fileSystem.readFile(car) ?? expect.fail())
  await fileSystem.remove(car)
  const damaged = dag.blocks[3] ?? expect.fail()
  // Both the head of its section and its bytes: what follows can be found by the index only.
  file.fill(0xff, file.indexOf(damaged.bytes) - 38, file.indexOf(damaged.bytes) + 4)
  await fileSystem.writeFile(car, [file], { sync: false })
  for (const block of dag.blocks) {
    if (block === damaged) await expect(blocks.get(block.cid)).rejects.toThrow(CorruptBlockError)
    else expect(Buffer.from(block.bytes).equals(await blocks.get(block.cid))).toBe(true)
  }
})

test('does not ask the disk again for a block that it found damaged, until somebody looks', async () => {
  const { blocks, damage, fileSystem, paths } = await withCar()
  const car = paths.car(rootText(dag.root))
  const file = await fileSystem.readFile(car) ?? expect.fail()
  await fileSystem.remove(car)
  const message = `Block ${dag.root.toString()} is missing in ${car}; fetch bundle ${dag.root.toString()} again`
  await expect(blocks.get(dag.root)).rejects.toThrow(message)
  expect(await blocks.has(dag.root)).toBe(false)
  await fileSystem.writeFile(car, [file], { sync: false })
  await expect(blocks.get(dag.root)).rejects.toThrow(message)
  expect(await blocks.examine(dag.root)).toEqual(dag.blocks[0]?.bytes)
  expect(await blocks.get(dag.root)).toEqual(dag.blocks[0]?.bytes)
  expect(await blocks.has(dag.root)).toBe(true)
  expect(damage.size).toBe(0)
})

test('puts the file of a damaged block aside, and leaves a CAR where it is', async () => {
  for (const one of [largeDag('large'), dag]) {
    const parts = await partsWith([one])
    const { blocks, fileSystem, paths } = parts
    const leaf = one.blocks[2] ?? expect.fail()
    const path = one === dag ? paths.car(rootText(dag.root)) : paths.block(leaf.cid).file
    await fileSystem.remove(path)
    await fileSystem.writeFile(path, [new Uint8Array(7)], { sync: false })
    const errors = await Promise.all([1, 2, 3].map(() => blocks.get(leaf.cid).catch((error: unknown) => error)))
    for (const error of errors) expect(error).toBeInstanceOf(CorruptBlockError)
    expect(await fileSystem.list(paths.quarantine)).toEqual(one === dag ? [] : [basename(path)])
    expect((await fileSystem.stat(path))?.bytes).toBe(one === dag ? 7 : undefined)
  }
})

test('never puts aside what was repaired since it was read', async () => {
  const gate = Promise.withResolvers<undefined>()
  let renames = 0
  const lines: string[] = []
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
    if (call.name === 'rename' && call.to?.startsWith('/repository/quarantine') === true && ++renames === 1) await gate.promise
    return await make()
  })
  const large = largeDag('large')
  const parts = await partsWith([large], { fileSystem, log: line => lines.push(line) })
  const leaf = large.blocks[2] ?? expect.fail()
  await fileSystem.remove(parts.paths.block(leaf.cid).file)
  await fileSystem.writeFile(parts.paths.block(leaf.cid).file, [new Uint8Array(7)], { sync: false })
  const reads = [1, 2].map(() => parts.blocks.get(leaf.cid).catch((error: unknown) => error))
  for (let turns = 0; turns < 50; turns++) await new Promise(setImmediate)
  await putAgain(parts, large)
  gate.resolve(undefined)
  for (const read of reads) expect(await read).toBeInstanceOf(CorruptBlockError)
  await putAgain(parts, large)
  expect(Buffer.from(leaf.bytes).equals(await parts.blocks.get(leaf.cid))).toBe(true)
  expect(lines).toHaveLength(1)
})

test('gives a block that is good when it is read a second time', async () => {
  let fails = false
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
    if (!fails || call.name !== 'readFile') return make()
    fails = false
    return Promise.reject(new StorageError('no', { code: 'EIO', path: call.path }))
  })
  const large = largeDag('large')
  const { blocks, damage } = await partsWith([large], { fileSystem })
  for (const { cid, bytes } of large.blocks) {
    fails = true
    expect(Buffer.from(bytes).equals(await blocks.get(cid))).toBe(true)
  }
  expect(damage.size).toBe(0)
})

test('says of a block that it is damaged for all bundles that have it', async () => {
  const one = largeDag('shared')
  const two = { root: one.blocks[3]?.cid ?? expect.fail(), blocks: [] }
  const { blocks, damage, fileSystem, paths } = await partsWith([one, two])
  await fileSystem.remove(paths.block(two.root).file)
  const roots = [one.root, two.root].map(rootText)
  await expect(blocks.get(two.root)).rejects.toMatchObject({ details: { roots } })
  expect(roots.map(root => damage.isDamaged(root))).toEqual([true, true])
})

test('never takes a system that is busy for a block that is damaged', async () => {
  for (const code of ['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']) {
    let refuses = false
    const { blocks, damage } = await withCar(new WatchedFileSystem(new MemoryFileSystem(), (call, make) =>
      refuses && call.name === 'readFile' ? Promise.reject(new StorageError(`no: ${code}`, { code, path: call.path })) : make()))
    refuses = true
    await expect(blocks.get(dag.root)).rejects.toMatchObject({ name: 'StorageError', details: { code } })
    expect(damage.size).toBe(0)
    refuses = false
    await blocks.get(dag.root)
  }
})

test('has no block that no bundle has, and none with another hash', async () => {
  const { blocks } = await withCar()
  for (const cid of [raw('other').cid, CID.createV1(0x55, create(0, new Uint8Array([1])))]) {
    expect(await blocks.has(cid)).toBe(false)
    await expect(blocks.get(cid)).rejects.toThrow(NotStoredError)
  }
  expect(await blocks.has(dag.root)).toBe(true)
})

test('rejects with the reason of the signal', async () => {
  const { blocks } = await withCar()
  const reason = new Error('enough')
  await expect(blocks.get(dag.root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(blocks.has(dag.root, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(blocks.getFile(dag.root, 1, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

async function withCar (fileSystem: FileSystem = new MemoryFileSystem()): Promise<StoreParts> {
  const parts = await makeParts({ fileSystem })
  const root = rootText(dag.root)
  const { chunks, placed } = layOutCar(dag.root, dag.blocks)
  await parts.bundleFiles.placeCar(root, chunks)
  await parts.index.add(root, dag.blocks.map(({ cid, bytes }, at) => ({
    key: blockKey(cid), place: 'car', offset: placed[at]?.offset ?? 0, length: bytes.byteLength
  })))
  return parts
}
