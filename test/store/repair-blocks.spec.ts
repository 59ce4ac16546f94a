import { CarReader } from '@ipld/car'
import { describe, expect, test } from 'vitest'
import { NotStoredError, StorageError } from '../../src/errors.ts'
import { evictBundle } from '../../src/store/evict-bundle.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { rootText } from '../../src/store/paths.ts'
import { StagingArea } from '../../src/store/staging-area.ts'
import type { StoreParts } from '../../src/store/store-parts.ts'
import { verifyBundles } from '../../src/store/verify-bundles.ts'
import { directoryOf, largeDag, raw, recordOf, smallDag } from './dags.ts'
import type { Block, Dag } from './dags.ts'
import { recording, WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { deepDag, hurt, partsWith, UnreadableFileSystem } from './hurt.ts'

const home = '/repository'

describe('a block that two bundles have', () => {
  const shared = raw('shared', 1000)
  const sharedLarge = raw('shared', 300 * 1024)
  const one = directoryOf([raw('one'), shared])
  const two = directoryOf([shared, raw('two')])
  const largeOne = directoryOf([...largeDag('1').blocks.slice(1), sharedLarge])
  const largeTwo = directoryOf([sharedLarge, ...largeDag('2').blocks.slice(1)])
  const mixed = directoryOf([...largeDag('3').blocks.slice(1), shared])

  test.each([
    ['two small bundles', one, two, shared],
    ['two large bundles', largeOne, largeTwo, sharedLarge],
    ['a small and a large one', one, mixed, shared],
    ['a large and a small one', mixed, one, shared]
  ])('of %s is damaged for both, and repaired for both by either', async (_, first, second, block) => {
    for (const again of [first, second]) {
      const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
      const parts = await partsWith([first, second], { fileSystem })
      await hurt(fileSystem, home, first, first.blocks.findIndex(({ cid }) => cid.equals(block.cid)), 'flipped')
      const report = await verifyBundles(parts, undefined)
      expect(report.damaged).toMatchObject([{ cid: block.cid.toString(), bundles: [first, second].map(({ root }) => rootText(root)) }])
      expect([first, second].map(({ root }) => parts.damage.isDamaged(rootText(root)))).toEqual([true, true])
      await put(parts, again, again.blocks)
      expect([first, second].map(({ root }) => parts.damage.isDamaged(rootText(root)))).toEqual([false, false])
      for (const dag of [first, second]) await expectWhole(parts, dag)
    }
  })
})

test('repairs what a new bundle brings again', async () => {
  for (const dag of [smallDag('small'), largeDag('large')]) {
    const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
    const parts = await partsWith([dag], { fileSystem })
    await hurt(fileSystem, home, dag, 2, 'flipped')
    await verifyBundles(parts, undefined)
    const other = directoryOf([raw('new'), dag.blocks[2] ?? expect.fail()])
    await expect(put(parts, other, other.blocks.slice(0, 2))).rejects.toThrow(NotStoredError)
    await put(parts, other, other.blocks)
    for (const each of [dag, other]) await expectWhole(parts, each)
  }
})

test('is not kept from it by directories that are gone', async () => {
  const dag = largeDag('large')
  const parts = await partsWith([dag])
  for (const { cid } of dag.blocks) {
    const { directory, file } = parts.paths.block(cid)
    await parts.fileSystem.remove(file)
    await parts.fileSystem.remove(directory)
  }
  expect((await verifyBundles(parts, undefined)).damaged).toHaveLength(dag.blocks.length)
  await put(parts, dag, dag.blocks)
  await expectWhole(parts, dag)
})

test('lets a bundle go that has a damaged block which another one links, and repairs that one later', async () => {
  const dag = smallDag('small')
  const top = directoryOf([raw('own'), dag.blocks[2] ?? expect.fail()])
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const parts = await partsWith([dag, { ...top, blocks: top.blocks.slice(0, 2) }], { fileSystem })
  await hurt(fileSystem, home, dag, 2, 'flipped')
  await verifyBundles(parts, undefined)
  const root = rootText(dag.root)
  const record = parts.records.get(root) ?? expect.fail()
  parts.records.set(root, { ...record, bundle: { ...record.bundle, holds: [] } })
  expect(await evictBundle(parts, root)).toBeDefined()
  expect(parts.damage.isDamaged(root)).toBe(false)
  expect(parts.damage.isDamaged(rootText(top.root))).toBe(true)
  await put(parts, top, top.blocks)
  await expectWhole(parts, top)
})

test('refuses to call a bundle whole while blocks are missing, and repairs those that came', async () => {
  const dag = deepDag('large', 256 * 1024)
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const parts = await partsWith([dag], { fileSystem })
  for (const position of [4, 9]) await hurt(fileSystem, home, dag, position, 'emptied')
  await verifyBundles(parts, undefined)
  await expect(put(parts, dag, [dag.blocks[4] ?? expect.fail()])).rejects.toThrow(NotStoredError)
  expect(parts.damage.size).toBe(1)
  await put(parts, dag, [dag.blocks[9] ?? expect.fail()])
  await expectWhole(parts, dag)
})

test('writes a CAR again that other readers take, block by block in its order', async () => {
  const dag = deepDag('small', 100)
  const reads: string[] = []
  const fileSystem = new UnreadableFileSystem(new WatchedFileSystem(new MemoryFileSystem(), (call, make) => {
    if (call.name === 'readFile') reads.push(call.path)
    return make()
  }))
  const parts = await partsWith([dag], { fileSystem })
  const path = parts.paths.car(rootText(dag.root))
  const before = await fileSystem.readFile(path)
  await hurt(fileSystem, home, dag, 3, 'truncated')
  await verifyBundles(parts, undefined)
  await put(parts, dag, dag.blocks.slice(3))
  reads.length = 0
  for (const { cid } of dag.blocks) await parts.blocks.get(cid)
  expect(reads).toEqual([path])
  expect(await fileSystem.readFile(path)).toEqual(before)
  const reader = await CarReader.fromBytes(await fileSystem.readFile(path) ?? expect.fail())
  const cids: string[] = []
  for await (const { cid } of reader.blocks()) cids.push(cid.toString())
  expect(cids).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
})

test('has the bytes on the drive before the name, and the name before it says so', async () => {
  for (const dag of [deepDag('small', 100), deepDag('large', 256 * 1024)]) {
    const calls: Call[] = []
    const fileSystem = new UnreadableFileSystem(recording(new MemoryFileSystem(), calls))
    const parts = await partsWith([dag], { fileSystem })
    const block = dag.blocks[4] ?? expect.fail()
    await hurt(fileSystem, home, dag, 4, 'flipped')
    await verifyBundles(parts, undefined)
    calls.length = 0
    const repaired = parts.damage.repaired.bind(parts.damage)
    let at = 0
    parts.damage.repaired = key => {
      at = calls.length
      repaired(key)
    }
    await put(parts, dag, [block])
    const { directory, file } = parts.paths.block(block.cid)
    const [path, names] = dag.blocks[1]?.bytes.byteLength === 100 ? [parts.paths.car(rootText(dag.root)), parts.paths.bundles] : [file, directory]
    const named = calls.findIndex(({ name, to }) => name === 'rename' && to === path)
    const written = calls.findIndex(({ name, path, sync }) => name === 'writeFile' && path === calls[named]?.path && sync === true)
    const synced = calls.findIndex(({ name, path }, index) => name === 'syncDirectory' && path === names && index > named)
    expect([written, named, synced].every(index => index >= 0)).toBe(true)
    expect(written).toBeLessThan(named)
    expect(synced).toBeLessThan(at)
  }
})

test('leaves what was good when any call fails, and repairs it the next time', async () => {
  for (const dag of [deepDag('small', 100), deepDag('large', 256 * 1024)]) {
    for (let n = 1, hasFailed = true; hasFailed; n++) {
      hasFailed = false
      let calls = 0
      let isOn = false
      const below = new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
        if (!isOn || ++calls !== n) return make()
        hasFailed = true
        throw new StorageError('no', { code: 'ENOSPC', path: call.path })
      })
      const fileSystem = new UnreadableFileSystem(below)
      const parts = await partsWith([dag], { fileSystem })
      await hurt(fileSystem, home, dag, 4, 'flipped')
      await verifyBundles(parts, undefined)
      isOn = true
      const result = await put(parts, dag, [dag.blocks[4] ?? expect.fail()]).catch((error: unknown) => error)
      isOn = false
      if (result !== undefined) expect(result).toBeInstanceOf(StorageError)
      for (const block of dag.blocks) {
        const read = await parts.blocks.get(block.cid).catch(() => undefined)
        if (read !== undefined || block !== dag.blocks[4]) expect(Buffer.from(block.bytes).equals(read ?? expect.fail())).toBe(true)
      }
      await verifyBundles(parts, undefined)
      await put(parts, dag, [dag.blocks[4] ?? expect.fail()])
      await expectWhole(parts, dag, { quarantine: false })
    }
  }
})

async function put (parts: StoreParts, dag: Dag, blocks: readonly Block[]): Promise<void> {
  await using staging = new StagingArea(parts)
  for (const { cid, bytes } of blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(dag.root))
}

async function expectWhole (parts: StoreParts, dag: Dag, { quarantine = true }: { quarantine?: boolean } = {}): Promise<void> {
  for (const { cid, bytes } of dag.blocks) expect(Buffer.from(bytes).equals(await parts.blocks.get(cid))).toBe(true)
  expect((await verifyBundles(parts, undefined)).damaged).toEqual([])
  if (quarantine) expect(await parts.fileSystem.list(parts.paths.quarantine)).toEqual([])
  expect((await parts.fileSystem.list(parts.paths.temp)).filter(name => !name.includes('.'))).toEqual([])
}
