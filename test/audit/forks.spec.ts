import { expect, test } from 'vitest'
import { InvalidForkError } from '../../src/errors.ts'
import { forkedTrail, Forks } from '../../src/audit/forks.ts'
import { decodeFork, verifyFork } from '../../src/format/fork.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { FailingFileSystem } from '../store/fault-file-systems.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { headAt, otherHead, proofBetween, seenOf } from './seen.ts'
import { signerOf } from './trails.ts'
import type { Fork } from '../../src/format/fork.ts'

async function forkOf (earlier: number, n = 1): Promise<Fork> {
  const [first, second] = [await seenOf(otherHead(earlier), signerOf(n)), await seenOf(headAt(300), signerOf(n))]
  return { earlier: first, later: second, root: headAt(earlier).root, proof: await proofBetween(earlier, 300) }
}

test('keeps the first proof of each log, also for a later process', async () => {
  const files = memoryFiles()
  const forks = new Forks({ files, log: () => {} })
  await forks.start()
  for (const fork of [await forkOf(5), await forkOf(6), await forkOf(5, 2)]) await forks.keep(fork)
  const later = new Forks({ files, log: () => {} })
  await later.start()
  for (const each of [forks, later]) {
    expect(each.all().map(({ earlier }) => earlier.size)).toEqual([5, 5])
    expect(each.find(signerOf(1).origin)?.address).toBe(signerOf(1).identity.address)
    expect(each.find(signerOf(3).origin)).toBeUndefined()
  }
})

test('keeps nothing that proves nothing, and passes over what is damaged', async () => {
  const files = memoryFiles()
  const lines: string[] = []
  const forks = new Forks({ files, log: line => lines.push(line) })
  await expect(forks.keep({ ...await forkOf(5), earlier: await seenOf(headAt(5)) })).rejects.toThrow(InvalidForkError)
  expect(await files.list('forks')).toEqual([])
  await files.place([{ path: 'forks/x', bytes: Uint8Array.of(1) }])
  await forks.start()
  expect(forks.all()).toEqual([])
  expect(lines).toHaveLength(1)
})

test('knows a proof that cannot be written, until the process ends', async () => {
  for (let n = 1, refused = true; refused; n++) {
    const disk = new MemoryFileSystem()
    await disk.makeDirectory(paths.temp)
    const failing = new FailingFileSystem(disk)
    failing.from('before', call => call === n)
    const forks = new Forks({ files: auditFiles(failing), log: () => {} })
    await forks.keep(await forkOf(5))
    refused = failing.state.refused > 0
    expect(forks.all()).toHaveLength(1)
    const later = new Forks({ files: auditFiles(disk), log: () => {} })
    await later.start()
    expect(later.all().length).toBeLessThanOrEqual(1)
    if (!refused) expect(later.all()).toHaveLength(1)
  }
})

test('makes an error that has both checkpoints, and the proof for anyone', async () => {
  const kept = await new Forks({ files: memoryFiles(), log: () => {} }).keep(await forkOf(5))
  const { message, details } = forkedTrail(kept)
  expect(message).toContain('its checkpoint of 300 entries does not continue the one of 5')
  expect(details).toMatchObject({ origin: signerOf().origin, earlier: kept.fork.earlier.note.text, later: kept.fork.later.note.text })
  expect(verifyFork(decodeFork(details['fork'] as Uint8Array)).earlier.size).toBe(5)
})
