import { describe, expect, it } from 'vitest'
import type { StorageOptions } from '../../src/interface/storage.ts'
import { quotaBytesMin, quotaFilesMin } from '../../src/limits.ts'
import type { FileSystemSpace } from '../../src/store/file-system.ts'
import { checkStorageOptions, resolveLimits } from '../../src/store/storage-limits.ts'

const MIB = 2 ** 20
const GIB = 2 ** 30
const disk: FileSystemSpace = { type: 'ext4', bytesTotal: 1000 * GIB, bytesFree: 500 * GIB, filesTotal: 64_000_000, filesFree: 1 }

describe('resolveLimits', () => {
  it('takes the smaller of a size and a share of the file system', () => {
    expect(resolveLimits({}, disk)).toEqual({ bytesMax: 10 * GIB, filesMax: 1_000_000, freeBytesMin: 5 * GIB })
    expect(resolveLimits({}, { ...disk, bytesTotal: 100 * GIB, filesTotal: 10_000_000 }))
      .toEqual({ bytesMax: 10 * GIB, filesMax: 1_000_000, freeBytesMin: 5 * GIB })
    expect(resolveLimits({}, { ...disk, bytesTotal: 100 * GIB - 10, filesTotal: 9_999_990 }))
      .toEqual({ bytesMax: 10 * GIB - 1, filesMax: 999_999, freeBytesMin: 5 * GIB - 1 })
  })

  it('takes a fixed number of files where the file system has none', () => {
    expect(resolveLimits({}, { ...disk, filesTotal: 0 }).filesMax).toBe(1_000_000)
  })

  it('takes the smallest quota on a tiny file system', () => {
    expect(resolveLimits({}, { ...disk, bytesTotal: 32 * MIB, filesTotal: 100 }))
      .toEqual({ bytesMax: quotaBytesMin, filesMax: quotaFilesMin, freeBytesMin: Math.floor(1.6 * MIB) })
  })

  it('takes what it is given', () => {
    expect(resolveLimits({ quota: '20GiB', quotaFiles: 5000, keepFree: '1 GB' }, disk))
      .toEqual({ bytesMax: 20 * GIB, filesMax: 5000, freeBytesMin: 1e9 })
    expect(resolveLimits({ quota: quotaBytesMin, quotaFiles: quotaFilesMin, keepFree: 0 }, disk))
      .toEqual({ bytesMax: quotaBytesMin, filesMax: quotaFilesMin, freeBytesMin: 0 })
  })

  it('leaves nothing free in memory', () => {
    const memory = { type: 'memory', bytesTotal: 20 * GIB, bytesFree: Number.MAX_SAFE_INTEGER, filesTotal: 0, filesFree: 0 }
    expect(resolveLimits({ keepFree: '1GiB' }, memory)).toEqual({ bytesMax: 2 * GIB, filesMax: 1_000_000, freeBytesMin: 0 })
  })

  it('checks before it resolves', () => {
    expect(() => resolveLimits({ quota: 1 }, disk)).toThrow('storage.quota must be at least 16 MiB (16777216 bytes), and is 1 bytes')
  })
})

describe('checkStorageOptions', () => {
  it.each<StorageOptions>([
    {}, { quota: '16MiB' }, { durability: 'power-cut' }, { durability: 'process-crash' }, { scrubBytesPerSecond: 1 },
    { retentionMs: {} }, { retentionMs: { task: 0, result: 0.5, dataset: Infinity, other: 1e18 } }
  ])('takes %j', options => {
    checkStorageOptions(options)
  })

  it('takes what is undefined as not given', () => {
    const names = ['quota', 'quotaFiles', 'keepFree', 'durability', 'retentionMs', 'scrubBytesPerSecond']
    checkStorageOptions(Object.fromEntries(names.map(name => [name, undefined])))
  })

  it.each<[unknown, string]>([
    [null, 'storage must be an object, and is null'],
    ['10GiB', 'storage must be an object, and is "10GiB"'],
    [{ qouta: 1 }, 'storage has no option "qouta"; it has quota, quotaFiles, keepFree, durability, retentionMs, scrubBytesPerSecond'],
    [{ toString: 1 }, 'storage has no option "toString"; it has quota'],
    [{ quota: quotaBytesMin - 1 }, 'storage.quota must be at least 16 MiB (16777216 bytes), and is 16777215 bytes'],
    [{ quota: '0' }, 'storage.quota must be at least 16 MiB (16777216 bytes), and is 0 bytes'],
    [{ quota: 'all' }, `storage.quota must be a whole number of bytes, or text such as '10GiB', and is "all"`],
    [{ quota: null }, 'storage.quota must be'],
    [{ quotaFiles: quotaFilesMin - 1 }, `storage.quotaFiles must be a whole number from 64 to ${Number.MAX_SAFE_INTEGER}, and is 63`],
    [{ quotaFiles: '5000' }, 'storage.quotaFiles must be'],
    [{ keepFree: -1 }, 'storage.keepFree must be'],
    [{ durability: 'none' }, `storage.durability must be 'power-cut' or 'process-crash', and is "none"`],
    [{ retentionMs: 5 }, 'storage.retentionMs must be an object'],
    [{ retentionMs: { task: -1 } }, 'storage.retentionMs["task"] must be a number of milliseconds from 0 to Infinity, and is -1'],
    [{ retentionMs: { task: NaN } }, 'storage.retentionMs["task"] must be'],
    [{ retentionMs: { task: '2d' } }, 'storage.retentionMs["task"] must be'],
    [{ scrubBytesPerSecond: 0 }, 'storage.scrubBytesPerSecond must be a whole number from 1 to'],
    [{ scrubBytesPerSecond: Infinity }, 'storage.scrubBytesPerSecond must be']
  ])('refuses %j', (options, message) => {
    const check = (): void => { checkStorageOptions(options) }
    expect(check).toThrow(expect.objectContaining({ name: 'InvalidArgumentError' }) as Error)
    expect(check).toThrow(message)
  })
})
