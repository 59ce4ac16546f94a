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
import { raw, smallDag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import { makeParts } from './fixtures.ts'

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

test('returns a block again once its file was repaired', async () => {
  const { blocks, fileSystem, paths } = await withCar()
  const car = paths.car(rootText(dag.root))
  const file = await fileSystem.readFile(car) ?? expect.fail()
  await fileSystem.remove(car)
  await expect(blocks.get(dag.root)).rejects.toThrow(`Block ${dag.root.toString()} is missing in ${car}; fetch bundle ${dag.root.toString()} again`)
  await fileSystem.writeFile(car, [file], { sync: false })
  expect(await blocks.get(dag.root)).toEqual(dag.blocks[0]?.bytes)
})

test('never takes a system that is busy for a block that is not there', async () => {
  for (const code of ['EMFILE', 'EIO', 'EACCES']) {
    let refuses = false
    const { blocks } = await withCar(new WatchedFileSystem(new MemoryFileSystem(), (call, make) =>
      refuses && call.name === 'readFile' ? Promise.reject(new StorageError(`no: ${code}`, { code, path: call.path })) : make()))
    refuses = true
    await expect(blocks.get(dag.root)).rejects.toMatchObject({ name: 'StorageError', details: { code } })
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
  await parts.bundleFiles.writeCar(root, chunks)
  await parts.index.add(root, dag.blocks.map(({ cid, bytes }, at) => ({
    key: blockKey(cid), place: 'car', offset: placed[at]?.offset ?? 0, length: bytes.byteLength
  })))
  return parts
}
