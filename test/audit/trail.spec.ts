import { expect, test } from 'vitest'
import { DamagedTrailError, InvalidArgumentError, InvalidProofError, SmallerTreeError, StorageError } from '../../src/errors.ts'
import { trailBatchMax } from '../../src/limits.ts'
import { verifyConsistency } from '../../src/merkle/consistency.ts'
import { verifyInclusion } from '../../src/merkle/inclusion.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { logOf } from '../merkle/trees.ts'
import { WatchedFileSystem } from '../store/fault-file-systems.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { all, headOf, numbered, openOn } from './trails.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const entries = numbered(700)
const log = logOf(entries)

/** Counts reads by their paths. */
function counting (files: DurableFiles, reads: string[]): DurableFiles {
  return {
    list: files.list.bind(files),
    place: files.place.bind(files),
    remove: files.remove.bind(files),
    read: async (path, bytesMax) => {
      reads.push(path)
      return await files.read(path, bytesMax)
    }
  }
}

test('grows as the tree of RFC 6962 does, under a checkpoint that the node signed', async () => {
  const trail = await openOn()
  for (let size = 0; size < 700; size = Math.min(size + 1 + size % 90, 700)) {
    await trail.append(entries.slice(trail.size, size))
    expect({ size: trail.size, root: trail.root }).toEqual(log.trees[size])
    expect(headOf(trail, trail.checkpoint)).toEqual(log.trees[size])
  }
})

test('goes on where it was left, at any size', async () => {
  const files = memoryFiles()
  for (const size of [1, 2, 200, 256, 257, 512, 699, 700]) {
    const trail = await openOn(files)
    await trail.append(entries.slice(trail.size, size))
    const again = await openOn(files)
    expect(again.checkpoint).toEqual(trail.checkpoint)
    expect({ size: again.size, root: again.root }).toEqual(log.trees[size])
    expect(await all(again.entries())).toEqual(entries.slice(0, size))
  }
})

test('appends more than a batch in the order that was given', async () => {
  const trail = await openOn()
  const many = numbered(trailBatchMax + 10)
  await trail.append(many)
  expect(trail.size).toBe(many.length)
  expect(await all(trail.entries(trailBatchMax - 1))).toEqual(many.slice(trailBatchMax - 1))
})

test('appends one batch after the other when many ask at the same time', async () => {
  const trail = await openOn()
  await Promise.all(entries.slice(0, 50).map(entry => trail.append([entry])))
  expect({ size: trail.size, root: trail.root }).toEqual(log.trees[50])
})

test('gives the checkpoint of each earlier size with the bytes that it had', async () => {
  const trail = await openOn()
  const notes = [trail.checkpoint]
  for (let n = 0; n < 5; n++) {
    await trail.append(numbered(100, n * 100))
    notes.push(trail.checkpoint)
  }
  for (const [n, note] of notes.entries()) expect(await trail.checkpointAt(n * 100)).toEqual(note)
  await expect(trail.checkpointAt(501)).rejects.toThrow(InvalidArgumentError)
})

test('refuses what is not 32 bytes, and appends nothing of it', async () => {
  const trail = await openOn()
  await expect(trail.append([entries[0]!, new Uint8Array(31)])).rejects.toThrow(InvalidArgumentError)
  await expect(trail.find(new Uint8Array(33))).rejects.toThrow(InvalidArgumentError)
  expect(trail.size).toBe(0)
})

test('ends between two batches when it is aborted', async () => {
  const trail = await openOn()
  const reason = new Error('enough')
  await expect(trail.append(entries, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(trail.size).toBe(0)
})

test('proves every entry against a later tree, and earlier trees against later ones', async () => {
  const trail = await openOn()
  await trail.append(entries)
  for (const size of [1, 5, 256, 300, 700]) {
    for (const index of [0, size >> 1, size - 1]) {
      const proof = await trail.proveInclusion(index, size)
      verifyInclusion({ entry: entries[index]!, index, tree: log.trees[size]! }, proof)
    }
    verifyConsistency({ earlier: log.trees[size]!, later: log.trees[700]! }, await trail.proveConsistency(size))
    verifyConsistency({ earlier: log.trees[1]!, later: log.trees[size]! }, await trail.proveConsistency(1, size))
  }
  await expect(trail.proveInclusion(700)).rejects.toThrow(InvalidProofError)
  await expect(trail.proveInclusion(0, 701)).rejects.toThrow(InvalidArgumentError)
  await expect(trail.proveConsistency(2, 1)).rejects.toThrow(SmallerTreeError)
  await expect(trail.proveConsistency(1, 701)).rejects.toThrow(InvalidArgumentError)
})

test('finds entries by their digests, those that were appended since included', async () => {
  const trail = await openOn()
  await trail.append(entries.slice(0, 300))
  expect(await trail.find(entries[299]!)).toBe(299)
  expect(await trail.find(entries[300]!)).toBeUndefined()
  await trail.append(entries.slice(300))
  for (const index of [0, 299, 300, 699]) expect(await trail.find(entries[index]!)).toBe(index)
  const alike = Uint8Array.from(entries[0]!, (byte, at) => at === 31 ? byte ^ 1 : byte)
  expect(await trail.find(alike)).toBeUndefined()
})

test('reads the last tile of each level when it is opened, and no other', async () => {
  const files = memoryFiles()
  await (await openOn(files)).append(entries)
  const reads: string[] = []
  await openOn(counting(files, reads))
  expect(reads.sort()).toEqual(['checkpoint', 'key', 'tile/0/002.p/188', 'tile/1/000.p/2', 'tile/entries/002.p/188'])
})

test('has the files that C2SP tlog-tiles names, and no others', async () => {
  const files = memoryFiles()
  const trail = await openOn(files)
  for (let size = 0; size < 700; size += 50) await trail.append(entries.slice(trail.size, size))
  await trail.append(entries.slice(trail.size))
  expect((await files.list('tile')).sort()).toEqual(['0', '1', 'entries'])
  for (const level of ['0', 'entries']) {
    expect((await files.list(`tile/${level}`)).sort()).toEqual(['000', '001', '002.p'])
    expect(await files.list(`tile/${level}/002.p`)).toEqual(['188'])
  }
  expect(await files.list('tile/1/000.p')).toEqual(['2'])
})

test('appends nothing where its last tiles are not those of its checkpoint', async () => {
  for (const path of ['tile/0/002.p/188', 'tile/1/000.p/2']) {
    const files = memoryFiles()
    await (await openOn(files)).append(entries)
    const bytes = await files.read(path, 10_000)
    await files.place([{ path, bytes: Uint8Array.from(bytes!, (byte, at) => at === 40 ? byte ^ 1 : byte) }])
    await expect(openOn(files)).rejects.toThrow(DamagedTrailError)
    await files.remove(path)
    await expect(openOn(files)).rejects.toThrow(DamagedTrailError)
  }
})

test('takes a checkpoint back that nobody has seen, before other entries are written', async () => {
  for (let n = 1, isRefused = true; isRefused; n++) {
    const disk = new MemoryFileSystem()
    await disk.makeDirectory(paths.temp)
    await (await openOn(auditFiles(disk))).append(entries.slice(0, 3))
    let fails: 'nothing' | 'checkpoint' | 'late' = 'nothing'
    let calls = 0
    const refusing = new WatchedFileSystem(disk, async ({ to }, make) => {
      if (fails === 'late' && ++calls >= n) throw new StorageError('EIO')
      const made = await make()
      if (fails === 'checkpoint' && to === `${paths.audit}/checkpoint`) throw new StorageError('EIO')
      return made
    })
    const trail = await openOn(auditFiles(refusing))
    fails = 'checkpoint'
    await expect(trail.append(entries.slice(3, 5))).rejects.toThrow(StorageError)
    expect(headOf(trail, trail.checkpoint)).toEqual(log.trees[3])
    fails = 'late'
    isRefused = await trail.append(entries.slice(10, 12)).then(() => false, () => true)
    const reopened = await openOn(auditFiles(disk))
    verifyConsistency({ earlier: log.trees[3]!, later: headOf(reopened, reopened.checkpoint) }, await reopened.proveConsistency(3))
    if (!isRefused) expect(await all(reopened.entries(3))).toEqual(entries.slice(10, 12))
  }
})

test('proves nothing from a tile that was changed', async () => {
  const files = memoryFiles()
  const trail = await openOn(files)
  await trail.append(entries)
  const bytes = await files.read('tile/0/000', 10_000)
  await files.place([{ path: 'tile/0/000', bytes: Uint8Array.from(bytes!, (byte, at) => at === 40 ? byte ^ 1 : byte) }])
  await expect(trail.proveInclusion(0)).rejects.toThrow(DamagedTrailError)
  await expect(trail.proveConsistency(3)).rejects.toThrow(DamagedTrailError)
  await files.remove('tile/entries/000')
  await expect(trail.find(entries[0]!)).rejects.toThrow(DamagedTrailError)
})
