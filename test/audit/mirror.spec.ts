import { describe, expect, it } from 'vitest'
import { DamagedTrailError, ProofMismatchError } from '../../src/errors.ts'
import { verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { openMirror } from '../../src/audit/mirror.ts'
import { readRoot } from '../../src/merkle/read-hashes.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { FailingFileSystem } from '../store/fault-file-systems.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { headOfEntries, otherHead, seenOf } from './seen.ts'
import { numbered } from './trails.ts'
import type { KeptCheckpoint } from '../../src/audit/kept-checkpoints.ts'
import type { Mirror, ReadEntries } from '../../src/audit/mirror.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

const log = (): void => {}
const entries = numbered(5000)

async function targetOf (size: number): Promise<KeptCheckpoint> {
  return verifyKept(await seenOf(headOfEntries(entries.slice(0, size))))
}

/** Gives the entries that are asked for, and notes which. */
function reader (asked: [number, number][] = []): ReadEntries {
  return async (from, to) => {
    asked.push([from, to])
    return entries.slice(from, to)
  }
}

async function mirrorOf (files: DurableFiles): Promise<Mirror> {
  return await openMirror({ files, log })
}

/** All that it has is what its checkpoint commits to. */
async function check (mirror: Mirror): Promise<void> {
  const { size, root } = mirror.seen!.checkpoint
  expect(await readRoot(size, mirror.hashes(size))).toEqual(root)
  const found: Uint8Array[] = []
  for (let tile = 0; tile * 256 < size; tile++) found.push(...await mirror.entriesOf(tile))
  expect(Buffer.concat(found.slice(0, size)).equals(Buffer.concat(entries.slice(0, size)))).toBe(true)
}

describe('Mirror', () => {
  it('grows by what it lacks, and goes on where an earlier process was', async () => {
    const files = memoryFiles()
    const asked: [number, number][] = []
    for (const size of [0, 1, 255, 256, 300, 300, 4999]) {
      const mirror = await mirrorOf(files)
      await mirror.grow(await targetOf(size), reader(asked))
      expect(mirror.isComplete).toBe(true)
      await check(mirror)
      await check(await mirrorOf(files))
    }
    expect(asked.slice(0, 4)).toEqual([[0, 1], [1, 255], [255, 256], [256, 300]])
    expect(asked.slice(4).at(-1)?.[1]).toBe(4999)
    expect(asked.flatMap(([from, to]) => to - from).reduce((sum, each) => sum + each)).toBe(4999)
    expect((await files.list('tile/entries')).filter(name => name.endsWith('.p'))).toEqual(['019.p'])
  })

  it('takes no entries that do not lead to the checkpoint, and stays as it was', async () => {
    const files = memoryFiles()
    const mirror = await mirrorOf(files)
    await mirror.grow(await targetOf(300), reader())
    const wrong = verifyKept(await seenOf(otherHead(600)))
    await expect(mirror.grow(wrong, reader())).rejects.toThrow(ProofMismatchError)
    await expect(mirror.grow(await targetOf(600), async (from, to) => entries.slice(from, to - 1))).rejects.toThrow(ProofMismatchError)
    for (const each of [mirror, await mirrorOf(files)]) {
      expect(each.seen?.checkpoint.size).toBe(300)
      await check(each)
    }
    await mirror.grow(await targetOf(600), reader())
    await check(mirror)
  })

  it('makes damaged tiles again, and forgets nothing that was seen', async () => {
    const files = memoryFiles()
    await (await mirrorOf(files)).grow(await targetOf(300), reader())
    await files.remove('tile/0/001.p/44')
    const mirror = await mirrorOf(files)
    expect([mirror.seen?.checkpoint.size, mirror.isComplete]).toEqual([300, false])
    const others = numbered(600, 7)
    const foreign = verifyKept(await seenOf(headOfEntries(others)))
    await expect(mirror.grow(foreign, async (from, to) => others.slice(from, to))).rejects.toThrow(ProofMismatchError)
    await mirror.grow(await targetOf(300), reader())
    await check(mirror)
    await check(await mirrorOf(files))
  })

  it('does not open without what it has seen', async () => {
    const files = memoryFiles()
    await files.place([{ path: 'seen', bytes: Uint8Array.of(1) }])
    await expect(mirrorOf(files)).rejects.toThrow(DamagedTrailError)
  })

  it('has what it had or what it was to have when a call fails, at any call', async () => {
    const targets = [await targetOf(250), await targetOf(260), await targetOf(262)] as const
    for (const when of ['before', 'after'] as const) {
      for (let n = 1, refused = true; refused; n++) {
        const disk = new MemoryFileSystem()
        await disk.makeDirectory(paths.temp)
        await (await mirrorOf(auditFiles(disk))).grow(targets[0], reader())
        const failing = new FailingFileSystem(disk)
        failing.from(when, call => call === n)
        const grown = await mirrorOf(auditFiles(failing)).then(async mirror => { await mirror.grow(targets[1], reader()) })
          .then(() => true, () => false)
        refused = failing.state.refused > 0
        const later = await mirrorOf(auditFiles(disk))
        expect(grown ? [260] : [250, 260], `call ${n}`).toContain(later.seen?.checkpoint.size)
        await check(later)
        await later.grow(targets[2], reader())
        await check(later)
      }
    }
  })
})
