import { expect, test } from 'vitest'
import { storageFull } from '../../src/store/storage-full.ts'
import type { FullReport } from '../../src/store/storage-full.ts'

const MIB = 2 ** 20
const report: FullReport = {
  request: { bytes: 2 * MIB, files: 3 },
  reason: 'quota',
  used: { bytes: 9 * MIB, files: 90 },
  limit: { bytes: 10 * MIB, files: 100 },
  held: 8 * MIB,
  evictable: MIB / 2,
  free: 1.5 * MIB
}

test('says how much of the quota is missing, and what to do', () => {
  const cause = new Error('below')
  expect(storageFull({ ...report, cause })).toMatchObject({
    name: 'StorageFullError',
    code: 'ERR_STORAGE_FULL',
    retryable: true,
    cause,
    message: 'No room for 2 MiB: 9 MiB of 10 MiB are used, bundles of 8 MiB are held, and 512 KiB can go; ' +
      'release bundles, or raise storage.quota',
    details: {
      needed: 2 * MIB, used: 9 * MIB, limit: 10 * MIB, held: 8 * MIB, evictable: MIB / 2, free: 1.5 * MIB, reason: 'quota'
    }
  })
})

test('counts files where they are what is missing', () => {
  expect(storageFull({ ...report, reason: 'files' })).toMatchObject({
    message: 'No room for 3 more files: there are 90 of 100, bundles of 8 MiB are held, and 512 KiB can go; ' +
      'release bundles, or raise storage.quotaFiles',
    details: { needed: 3, used: 90, limit: 100, reason: 'files' }
  })
})

test('says what is free of the file system where that is known', () => {
  expect(storageFull({ ...report, reason: 'file-system' }).message).toBe('The file system has no room for 2 MiB (1.5 MiB are free): ' +
    'bundles of 8 MiB are held, and 512 KiB can go; free some of it, release bundles, or lower storage.keepFree')
  const unknown = storageFull({ ...report, reason: 'file-system', free: undefined })
  expect(unknown.message).toMatch(/^The file system has no room for 2 MiB: bundles/)
  expect(unknown.details).not.toHaveProperty('free')
  expect(unknown.cause).toBeUndefined()
  expect(storageFull({ ...report, reason: 'file-system', free: -5 }).message).toContain('(0 B are free)')
})
