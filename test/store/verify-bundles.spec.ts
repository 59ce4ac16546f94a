import { expect, test } from 'vitest'
import { NotStoredError, StorageError } from '../../src/errors.ts'
import type { VerifyProgress } from '../../src/interface/verify.ts'
import { blockKey } from '../../src/store/block-key.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths, rootText } from '../../src/store/paths.ts'
import { verifyBundles } from '../../src/store/verify-bundles.ts'
import { largeDag, raw, smallDag } from './dags.ts'
import type { Dag } from './dags.ts'
import { WatchedFileSystem } from './fault-file-systems.ts'
import type { Call } from './fault-file-systems.ts'
import { deepDag, hurt, partsWith, UnreadableFileSystem } from './hurt.ts'

const small = smallDag('small', 20)
const large = largeDag('large', 6)
const parted: Dag = { root: large.blocks[2]?.cid ?? expect.fail(), blocks: [] }

function bytesOf (...dags: Dag[]): number {
  return dags.flatMap(({ blocks }) => blocks).reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

test('reads every block of all bundles once, the CAR of a small bundle at once, and no more than two files at a time', async () => {
  const reads: string[] = []
  let running = 0
  let most = 0
  const fileSystem = new WatchedFileSystem(new MemoryFileSystem(), async (call: Call, make) => {
    if (call.name !== 'readFile') return make()
    reads.push(call.path)
    most = Math.max(most, ++running)
    await new Promise(setImmediate)
    const result = await make()
    running--
    return result
  })
  const parts = await partsWith([small, large, parted], { fileSystem })
  reads.length = 0
  const report = await verifyBundles(parts, undefined)
  expect(report).toEqual({ bundles: 3, blocks: 21 + 7, bytes: bytesOf(small, large), damaged: [] })
  expect(reads.sort()).toEqual([parts.paths.car(rootText(small.root)), ...large.blocks.map(({ cid }) => parts.paths.block(cid).file)].sort())
  expect(most).toBe(2)
})

test('reads every block of one bundle, also of those that belong to others first', async () => {
  const parts = await partsWith([small, large, parted])
  expect(await verifyBundles(parts, parted.root)).toEqual({ bundles: 1, blocks: 1, bytes: 256 * 1024, damaged: [] })
  expect(await verifyBundles(parts, small.root)).toEqual({ bundles: 1, blocks: 21, bytes: bytesOf(small), damaged: [] })
  await expect(verifyBundles(parts, raw('other').cid)).rejects.toThrow(NotStoredError)
})

test('reads from the disk what is in memory', async () => {
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const parts = await partsWith([small], { fileSystem })
  for (const { cid } of small.blocks) await parts.blocks.get(cid)
  const [damaged] = await hurt(fileSystem, parts.paths.root, small, 3, 'flipped')
  expect(Buffer.from(damaged?.bytes ?? []).equals(await parts.blocks.get(damaged?.cid ?? expect.fail()))).toBe(true)
  const report = await verifyBundles(parts, undefined)
  expect(report.damaged).toEqual([{
    cid: damaged?.cid.toString(), path: parts.paths.car(rootText(small.root)), bundles: [rootText(small.root)]
  }])
  await expect(parts.blocks.get(damaged?.cid ?? expect.fail())).rejects.toThrow('has other bytes than its CID says')
})

test('names a damaged block by the CID that it is linked by, and every bundle that has it', async () => {
  const dag = deepDag('deep', 256 * 1024)
  const upper = dag.blocks[2] ?? expect.fail()
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  const parts = await partsWith([dag, { root: upper.cid, blocks: [] }], { fileSystem })
  await hurt(fileSystem, parts.paths.root, dag, 3, 'deleted')
  const deepest = dag.blocks[3] ?? expect.fail()
  const expected = { cid: deepest.cid.toString(), path: parts.paths.block(deepest.cid).file, bundles: [rootText(dag.root), rootText(upper.cid)] }
  expect(deepest.cid.code).toBe(0x70)
  for (const root of [undefined, dag.root, upper.cid]) expect((await verifyBundles(parts, root)).damaged).toEqual([expected])
})

test('takes a block from the list of damaged ones when its file was put right by hand', async () => {
  const fileSystem = new UnreadableFileSystem(new MemoryFileSystem())
  for (const dag of [small, large]) {
    const parts = await partsWith([dag], { fileSystem: new UnreadableFileSystem(new MemoryFileSystem()) })
    const { cid, bytes } = dag.blocks[3] ?? expect.fail()
    const path = dag === small ? parts.paths.car(rootText(dag.root)) : parts.paths.block(cid).file
    const file = await parts.fileSystem.readFile(path) ?? expect.fail()
    await parts.fileSystem.remove(path)
    expect((await verifyBundles(parts, undefined)).damaged).toHaveLength(dag === small ? 21 : 1)
    await parts.fileSystem.writeFile(path, [file], { sync: false })
    expect((await verifyBundles(parts, undefined)).damaged).toEqual([])
    expect(parts.damage.size).toBe(0)
    expect(Buffer.from(bytes).equals(await parts.blocks.get(cid))).toBe(true)
  }
  expect(await fileSystem.list('/')).toEqual([])
})

test('says how far it is, and counts shared blocks for each bundle', async () => {
  const parts = await partsWith([small, large, parted])
  const events: VerifyProgress[] = []
  await verifyBundles(parts, undefined, { onProgress: event => {
    events.push(event)
    throw new Error('the host')
  } })
  expect(events.at(-1)).toEqual({ blocksDone: 29, blocksTotal: 29, bytesDone: bytesOf(small, large), damaged: 0 })
  for (const [at, event] of events.entries()) {
    expect(event.blocksTotal).toBe(29)
    expect(event.blocksDone).toBeGreaterThanOrEqual(events[at - 1]?.blocksDone ?? 0)
  }
})

test('does not call damage what goes away meanwhile', async () => {
  const parts = await partsWith([large])
  const report = await verifyBundles(parts, undefined, { onProgress: () => {
    parts.records.delete(rootText(large.root))
    for (const { cid } of large.blocks) void parts.fileSystem.remove(parts.paths.block(cid).file)
  } })
  expect(report.damaged).toEqual([])
})

test('pays for what it reads', async () => {
  const parts = await partsWith([small, large])
  const paid: number[] = []
  await verifyBundles(parts, undefined, { budget: { take: async bytes => { paid.push(bytes) } } })
  expect(paid.reduce((sum, bytes) => sum + bytes, 0)).toBe(bytesOf(small, large))
  expect(Math.max(...paid)).toBe(256 * 1024)
  await verifyBundles(parts, small.root, { bytesPerSecond: bytesOf(small) })
})

test('rejects with the reason of the signal, and with what is wrong with the system', async () => {
  const reason = new Error('enough')
  const abort = new AbortController()
  let code = ''
  const parts = await partsWith([large], {
    fileSystem: new WatchedFileSystem(new MemoryFileSystem(), async (call, make) => {
      if (call.name === 'readFile' && code !== '') throw new StorageError('no', { code, path: call.path })
      return await make()
    })
  })
  await expect(verifyBundles(parts, undefined, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(verifyBundles(parts, undefined, { signal: abort.signal, onProgress: () => { abort.abort(reason) } })).rejects.toBe(reason)
  code = 'EMFILE'
  await expect(verifyBundles(parts, undefined)).rejects.toMatchObject({ name: 'StorageError', details: { code } })
  expect(parts.damage.has(blockKey(large.root))).toBe(false)
  expect(new RepositoryPaths('/').quarantine).toBe('/quarantine')
})
