import { InvalidArgumentError } from '../errors.ts'
import { checkNumber, checkObject, invalidArgument } from '../format/argument.ts'
import { formatByteSize, parseByteSize } from '../format/byte-size.ts'
import { quote } from '../format/quote.ts'
import type { StorageOptions } from '../interface/storage.ts'
import {
  keepFreeBytesDefault, keepFreeShareDefault, quotaBytesDefault, quotaBytesMin, quotaFilesDefault, quotaFilesMin,
  quotaShareDefault
} from '../limits.ts'
import type { FileSystemSpace } from './file-system.ts'

/** How much a repository may take. */
export interface StorageLimits {
  bytesMax: number
  filesMax: number
  /** What is left of the file system. */
  freeBytesMin: number
}

const known: Record<keyof StorageOptions, true> = {
  quota: true, quotaFiles: true, keepFree: true, durability: true, retentionMs: true, scrubBytesPerSecond: true
}

/**
 * Checks the options of the store.
 *
 * @throws {@link InvalidArgumentError} when one is not what it should be, or is not known
 */
export function checkStorageOptions (options: unknown): asserts options is StorageOptions {
  checkObject(options, 'storage')
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(known, name)) continue
    const names = Object.keys(known).join(', ')
    throw new InvalidArgumentError(`storage has no option ${quote(name)}; it has ${names}`, { argument: `storage.${name}` })
  }
  const { quota, quotaFiles, keepFree, durability, retentionMs, scrubBytesPerSecond } = options
  if (quota !== undefined) checkQuota(quota)
  checkNumber(quotaFiles, 'storage.quotaFiles', { min: quotaFilesMin, max: Number.MAX_SAFE_INTEGER })
  if (keepFree !== undefined) parseByteSize(keepFree as number | string, 'storage.keepFree')
  if (durability !== undefined && durability !== 'power-cut' && durability !== 'process-crash') {
    throw invalidArgument('storage.durability', "'power-cut' or 'process-crash'", durability)
  }
  if (retentionMs !== undefined) checkRetention(retentionMs)
  checkNumber(scrubBytesPerSecond, 'storage.scrubBytesPerSecond', { min: 1, max: Number.MAX_SAFE_INTEGER })
}

/**
 * Limits of a repository on a file system.
 *
 * @throws {@link InvalidArgumentError} as `checkStorageOptions` does
 */
export function resolveLimits (options: StorageOptions, space: FileSystemSpace): StorageLimits {
  checkStorageOptions(options)
  const { quota, quotaFiles, keepFree } = options
  return {
    bytesMax: quota === undefined ? defaultQuota(space) : parseByteSize(quota, 'storage.quota'),
    filesMax: quotaFiles ?? defaultQuotaFiles(space),
    freeBytesMin: space.type === 'memory' ? 0
      : keepFree === undefined ? defaultKeepFree(space) : parseByteSize(keepFree, 'storage.keepFree')
  }
}

function checkQuota (quota: unknown): void {
  const bytes = parseByteSize(quota as number | string, 'storage.quota')
  if (bytes >= quotaBytesMin) return
  throw new InvalidArgumentError(
    `storage.quota must be at least ${formatByteSize(quotaBytesMin)} (${quotaBytesMin} bytes), and is ${bytes} bytes`,
    { argument: 'storage.quota', value: quota, min: quotaBytesMin })
}

function checkRetention (retentionMs: unknown): void {
  checkObject(retentionMs, 'storage.retentionMs')
  for (const [kind, milliseconds] of Object.entries(retentionMs)) {
    if (typeof milliseconds === 'number' && milliseconds >= 0) continue
    throw invalidArgument(`storage.retentionMs[${quote(kind)}]`, 'a number of milliseconds from 0 to Infinity', milliseconds)
  }
}

/** On a tiny file system a share of it would be no quota at all. */
function defaultQuota ({ bytesTotal }: FileSystemSpace): number {
  return Math.max(quotaBytesMin, Math.min(quotaBytesDefault, Math.floor(bytesTotal * quotaShareDefault)))
}

function defaultQuotaFiles ({ filesTotal }: FileSystemSpace): number {
  if (filesTotal === 0) return quotaFilesDefault
  return Math.max(quotaFilesMin, Math.min(quotaFilesDefault, Math.floor(filesTotal * quotaShareDefault)))
}

function defaultKeepFree ({ bytesTotal }: FileSystemSpace): number {
  return Math.min(keepFreeBytesDefault, Math.floor(bytesTotal * keepFreeShareDefault))
}
