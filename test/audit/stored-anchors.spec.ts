import { expect, test } from 'vitest'
import { DamagedTrailError, StorageError } from '../../src/errors.ts'
import { openStoredAnchors, StoredAnchors } from '../../src/audit/stored-anchors.ts'
import { anchoredMax } from '../../src/limits.ts'
import { memoryFiles } from './memory-files.ts'
import type { AnchorReceipt } from '../../src/interface/anchor.ts'

const root = new Uint8Array(32).fill(7)
const anchor = 'eip155:1:0xfa'
const receipt: AnchorReceipt = { digest: `0x${'ab'.repeat(32)}`, anchor, blockNumber: '7', blockHash: `0x${'01'.repeat(32)}`, time: '1700000000' }

test('is empty at first, and writes nothing then', async () => {
  const files = memoryFiles()
  const stored = await openStoredAnchors(files)
  expect([stored.anchored, stored.waiting]).toEqual([[], undefined])
  expect(await files.list('')).toEqual([])
})

test('has what is waiting, and what is settled, also after a restart', async () => {
  const files = memoryFiles()
  const waiting = { size: 3, root, anchor }
  await (await openStoredAnchors(files)).expect(waiting)
  const stored = await openStoredAnchors(files)
  expect(stored.waiting).toEqual(waiting)
  expect(await stored.settle(waiting, receipt)).toEqual({ size: 3, root, receipt })
  const { anchored, waiting: left } = await openStoredAnchors(files)
  expect([anchored, left]).toEqual([[{ size: 3, root, receipt }], undefined])
})

test('is as it was when the drive refuses, and writes all of it with the next change', async () => {
  const files = memoryFiles()
  let refuses = true
  const stored = await openStoredAnchors({
    read: files.read.bind(files),
    place: async given => {
      if (refuses) throw new StorageError('EIO')
      await files.place(given)
    }
  })
  const waiting = { size: 3, root, anchor }
  await expect(stored.expect(waiting)).rejects.toThrow(StorageError)
  expect(stored.waiting).toBeUndefined()
  refuses = false
  await stored.expect(waiting)
  refuses = true
  await expect(stored.settle(waiting, receipt)).rejects.toThrow(StorageError)
  expect([stored.anchored, stored.waiting]).toEqual([[], waiting])
  refuses = false
  await stored.settle(waiting, receipt)
  expect((await openStoredAnchors(files)).anchored).toHaveLength(1)
})

test(`keeps ${anchoredMax}, and of more every other one of the older half`, async () => {
  const before = Array.from({ length: anchoredMax - 1 }, (_, at) => ({ size: at + 1, root, receipt }))
  const stored = new StoredAnchors(memoryFiles(), { anchored: before })
  await stored.settle({ size: anchoredMax, root, anchor }, receipt)
  expect(stored.anchored).toHaveLength(anchoredMax)
  await stored.settle({ size: anchoredMax + 1, root, anchor }, receipt)
  const sizes = stored.anchored.map(({ size }) => size)
  expect(sizes).toHaveLength(anchoredMax / 2 + anchoredMax / 4 + 1)
  expect([sizes.slice(0, 3), sizes.slice(-3)]).toEqual([[1, 3, 5], [anchoredMax - 1, anchoredMax, anchoredMax + 1]])
})

test('says so when the file is damaged', async () => {
  const files = memoryFiles()
  await files.place([{ path: 'anchors', bytes: new Uint8Array([1]) }])
  await expect(openStoredAnchors(files)).rejects.toThrow(DamagedTrailError)
})
