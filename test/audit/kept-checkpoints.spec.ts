import { expect, test } from 'vitest'
import { StorageError, WrongSignerError } from '../../src/errors.ts'
import { KeptCheckpoints, verifyKept } from '../../src/audit/kept-checkpoints.ts'
import { formatAuditOrigin } from '../../src/format/audit-origin.ts'
import { witnessedLogsPerAddressMax } from '../../src/limits.ts'
import { FailingFileSystem } from '../store/fault-file-systems.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { auditFiles, memoryFiles, paths } from './memory-files.ts'
import { headAt, seenOf } from './seen.ts'
import { signerOf } from './trails.ts'
import type { TrailSigner } from '../../src/audit/trail-checkpoint.ts'

const log = (): void => {}

function logOf (n: number, repository = 0): TrailSigner {
  const signer = signerOf(n)
  const repositoryId = repository.toString(16).padStart(32, '0')
  return { ...signer, origin: formatAuditOrigin({ address: signer.identity.address, repositoryId }) }
}

test('keeps the newest checkpoint of each log, also for a later process', async () => {
  const files = memoryFiles()
  const kept = new KeptCheckpoints({ files, log })
  expect(await kept.find(logOf(1).origin)).toBeUndefined()
  for (const size of [3, 5]) expect(await kept.keep(await seenOf(headAt(size), logOf(1)))).toBe(true)
  await kept.keep(await seenOf(headAt(7), logOf(2)))
  for (const each of [kept, new KeptCheckpoints({ files, log })]) {
    expect((await each.find(logOf(1).origin))?.checkpoint.size).toBe(5)
    expect((await each.find(logOf(2).origin))?.checkpoint.size).toBe(7)
    expect(await each.find(logOf(3).origin)).toBeUndefined()
  }
})

test('keeps no more logs than it may, and of one node the last ones', async () => {
  const kept = new KeptCheckpoints({ files: memoryFiles(), log, logsMax: witnessedLogsPerAddressMax + 1 })
  for (let n = 0; n <= witnessedLogsPerAddressMax; n++) expect(await kept.keep(await seenOf(headAt(1), logOf(1, n)))).toBe(true)
  expect(await kept.find(logOf(1, 0).origin)).toBeUndefined()
  expect(await kept.find(logOf(1, 1).origin)).toBeDefined()
  expect(await kept.keep(await seenOf(headAt(1), logOf(2)))).toBe(true)
  expect(await kept.keep(await seenOf(headAt(1), logOf(3)))).toBe(false)
  expect(await kept.keep(await seenOf(headAt(2), logOf(2)))).toBe(true)
})

test('says nothing of what is damaged, and logs it', async () => {
  const files = memoryFiles()
  const lines: string[] = []
  const kept = new KeptCheckpoints({ files, log: line => lines.push(line) })
  const { origin } = logOf(1)
  await kept.keep(await seenOf(headAt(1), logOf(1)))
  await files.place([{ path: `witnessed/${origin.split('/').slice(1).join('-')}`, bytes: Uint8Array.of(1, 10, 2) }])
  expect(await kept.find(origin)).toBeUndefined()
  expect(lines).toHaveLength(1)
})

test('has the old checkpoint or the new one when a call fails, at any call', async () => {
  for (let n = 1, refused = true; refused; n++) {
    const disk = new MemoryFileSystem()
    await disk.makeDirectory(paths.temp)
    await new KeptCheckpoints({ files: auditFiles(disk), log }).keep(await seenOf(headAt(1), logOf(1)))
    const failing = new FailingFileSystem(disk)
    failing.from('before', call => call === n)
    const kept = new KeptCheckpoints({ files: auditFiles(failing), log })
    const error = await kept.keep(await seenOf(headAt(2), logOf(1))).catch((error: unknown) => error)
    refused = failing.state.refused > 0
    if (error !== true) expect(error).toBeInstanceOf(StorageError)
    const found = (await new KeptCheckpoints({ files: auditFiles(disk), log }).find(logOf(1).origin))?.checkpoint.size
    expect(error === true ? [2] : [1, 2]).toContain(found)
    failing.from('before', () => false)
    expect(await kept.keep(await seenOf(headAt(3), logOf(1)))).toBe(true)
  }
})

test('verifies that a checkpoint is signed by the node in its origin', async () => {
  const seen = await seenOf(headAt(3))
  expect(verifyKept(seen).checkpoint).toMatchObject({ size: 3, origin: seen.auditKey.origin })
  const other = await seenOf(headAt(3), signerOf(2))
  expect(() => verifyKept({ ...seen, auditKey: { ...other.auditKey, origin: seen.auditKey.origin } })).toThrow(WrongSignerError)
})
