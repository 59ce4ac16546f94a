import { expect, test } from 'vitest'
import { AnchorError, DamagedTrailError } from '../../src/errors.ts'
import { anchorNewest } from '../../src/audit/anchor-newest.ts'
import { openStoredAnchors } from '../../src/audit/stored-anchors.ts'
import { checkpointDigest, decodeCheckpoint } from '../../src/format/checkpoint.ts'
import { FailingFileSystem, PowerCutFileSystem } from '../store/fault-file-systems.ts'
import { FakeAnchor } from './fake-anchor.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { numbered, openOn } from './trails.ts'
import type { AnchoredCheckpoint } from '../../src/interface/anchor.ts'
import type { Digest } from '../../src/interface/primitives.ts'
import type { DurableFiles } from '../../src/interface/store.ts'
import type { Trail } from '../../src/audit/trail.ts'

const digestOf = (trail: Trail): Digest => checkpointDigest(decodeCheckpoint(trail.checkpoint.text))

/** As a process does that finds these files. */
async function anchorOn (files: DurableFiles, anchor: FakeAnchor, trail: Trail, lines: string[] = []): Promise<AnchoredCheckpoint> {
  const stored = await openStoredAnchors(files)
  return await anchorNewest({ anchor, stored, trail, log: line => lines.push(line) }, {})
}

test('anchors the newest checkpoint, and no other one', async () => {
  const [files, anchor, trail] = [memoryFiles(), new FakeAnchor(), await openOn()]
  for (let n = 0; n < 5; n++) await trail.append(numbered(1, n))
  const anchored = await anchorOn(files, anchor, trail)
  expect(anchored).toEqual({ size: 5, root: trail.root, receipt: anchor.blocks[0] })
  expect(anchor.transactions).toEqual([[digestOf(trail)]])
  expect(await anchorOn(files, anchor, trail)).toEqual(anchored)
  expect(anchor.transactions).toHaveLength(1)
})

test('takes the receipt of what somebody else anchored', async () => {
  const [anchor, trail] = [new FakeAnchor(), await openOn()]
  await anchor.write([digestOf(trail)])
  expect((await anchorOn(memoryFiles(), anchor, trail)).receipt).toEqual(anchor.blocks[0])
  expect(anchor.transactions).toHaveLength(1)
})

test.each(['before', 'after'] as const)('settles what waited first when the anchor failed %s it was sent, then the newest', async fails => {
  const [files, anchor, trail] = [memoryFiles(), new FakeAnchor(), await openOn()]
  await trail.append(numbered(2))
  const first = digestOf(trail)
  anchor.fails = fails
  await expect(anchorOn(files, anchor, trail)).rejects.toThrow(AnchorError)
  for (let n = 2; n < 9; n++) await trail.append(numbered(1, n))
  anchor.fails = undefined
  const { size } = await anchorOn(files, anchor, trail)
  expect(size).toBe(9)
  expect(anchor.transactions).toEqual([[first], [digestOf(trail)]])
  expect((await openStoredAnchors(files)).anchored.map(({ size }) => size)).toEqual([2, 9])
})

test('asks no other anchor for what waited, and says so', async () => {
  const [files, trail, lines] = [memoryFiles(), await openOn(), [] as string[]]
  const before = new FakeAnchor('before')
  before.fails = 'before'
  await expect(anchorOn(files, before, trail)).rejects.toThrow(AnchorError)
  await trail.append(numbered(1))
  const now = new FakeAnchor('now')
  await anchorOn(files, now, trail, lines)
  expect([before.transactions.length, now.transactions]).toEqual([0, [[digestOf(trail)]]])
  expect(lines).toEqual(['a checkpoint of 0 entries waited for before, which is not asked any more', 'anchored 1 entries in block 0 of now'])
})

test('refuses a receipt of something else, and asks again later', async () => {
  const [files, anchor, trail] = [memoryFiles(), new FakeAnchor(), await openOn()]
  const stored = await openStoredAnchors(files)
  const lying = { id: anchor.id, read: async () => await Promise.resolve(undefined), write: async () => await anchor.write([`0x${'ab'.repeat(32)}`]) }
  await expect(anchorNewest({ anchor: lying, stored, trail, log: () => {} }, {})).rejects.toThrow(AnchorError)
  const silent = { ...lying, write: async () => await Promise.resolve([]) }
  await expect(anchorNewest({ anchor: silent, stored, trail, log: () => {} }, {})).rejects.toThrow(AnchorError)
  expect(stored.waiting?.size).toBe(0)
})

test('anchors nothing of a trail that does not continue what was anchored', async () => {
  const [files, anchor, trail, backup] = [memoryFiles(), new FakeAnchor(), await openOn(), await openOn()]
  await trail.append(numbered(2))
  await anchorOn(files, anchor, trail)
  await backup.append(numbered(1))
  await expect(anchorOn(files, anchor, backup)).rejects.toThrow(DamagedTrailError)
  expect(anchor.transactions).toHaveLength(1)
})

test('does not wait for an anchor that does not end, and takes nothing that it says later', async () => {
  const [files, anchor, trail] = [memoryFiles(), new FakeAnchor(), await openOn()]
  const { promise, resolve } = Promise.withResolvers<undefined>()
  anchor.until = promise
  const stored = await openStoredAnchors(files)
  const controller = new AbortController()
  const running = anchorNewest({ anchor, stored, trail, log: () => {} }, { signal: controller.signal })
  await expect.poll(() => anchor.transactions.length).toBe(1)
  controller.abort(new Error('enough'))
  await expect(running).rejects.toThrow('enough')
  resolve(undefined)
  await promise
  expect([stored.anchored, stored.waiting?.size]).toEqual([[], 0])
})

for (const [name, fails] of [
  ['one call fails', (call: number, n: number): boolean => call === n],
  ['the process ends', (call: number, n: number): boolean => call >= n]
] as const) {
  for (const when of ['before', 'after'] as const) {
    for (const end of ['afterKill', 'afterCut'] as const) {
      test(`anchors each checkpoint once and forgets none when ${name} ${when} it is made, at any call, as found ${end}`, async () => {
        for (let n = 1, refused = true; refused; n++) {
          const [anchor, trail, disk] = [new FakeAnchor(), await openOn(), new PowerCutFileSystem()]
          for (const directory of [paths.root, paths.temp]) await disk.makeDirectory(directory)
          const failing = new FailingFileSystem(disk)
          failing.from(when, call => fails(call, n))
          for (let round = 0; round < 2; round++) {
            await trail.append(numbered(1, trail.size))
            await anchorOn(auditFiles(failing), anchor, trail).catch((error: unknown) => { expect(String(error)).toContain('EIO') })
          }
          refused = failing.state.refused > 0
          const left = await disk[end]()
          await left.makeDirectory(paths.temp)
          const files = auditFiles(left)
          await anchorOn(files, anchor, trail)
          const recorded = (await openStoredAnchors(files)).anchored.map(({ receipt }) => receipt.digest)
          expect(recorded, `call ${n}`).toEqual(anchor.transactions.flat())
          expect(recorded.at(-1), `call ${n}`).toBe(digestOf(trail))
        }
      })
    }
  }
}
