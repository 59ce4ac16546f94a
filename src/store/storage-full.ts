import { StorageFullError } from '../errors.ts'
import { formatByteSize } from '../format/byte-size.ts'
import type { SpaceAmount, SpaceRequest } from './space-request.ts'

/** What there is too little of. */
export type FullReason = 'quota' | 'files' | 'file-system'

/** What an error about room says. */
export interface FullReport {
  request: SpaceRequest
  reason: FullReason
  used: SpaceAmount
  limit: SpaceAmount
  held: number
  evictable: number
  /** Bytes that are free on the file system, where that was asked. */
  free: number | undefined
  cause?: unknown
}

/** The error that says what is missing, what takes the room, and what to do. */
export function storageFull ({ request, reason, used, limit, held, evictable, free, cause }: FullReport): StorageFullError {
  const unit = reason === 'files' ? 'files' : 'bytes'
  const figures = {
    needed: request[unit], used: used[unit], limit: limit[unit], held, evictable, ...free === undefined ? {} : { free }, reason
  }
  return new StorageFullError(describe(figures), { ...figures, cause })
}

interface Figures {
  needed: number
  used: number
  limit: number
  held: number
  evictable: number
  free?: number
  reason: FullReason
}

function describe ({ needed, used, limit, held, evictable, free, reason }: Figures): string {
  const bundles = `bundles of ${formatByteSize(held)} are held, and ${formatByteSize(evictable)} can go`
  switch (reason) {
    case 'quota':
      return `No room for ${formatByteSize(needed)}: ${formatByteSize(used)} of ${formatByteSize(limit)} are used, ${bundles}; ` +
        'release bundles, or raise storage.quota'
    case 'files':
      return `No room for ${needed} more files: there are ${used} of ${limit}, ${bundles}; release bundles, or raise storage.quotaFiles`
    case 'file-system':
      return `The file system has no room for ${formatByteSize(needed)}${free === undefined ? '' : ` (${freeText(free)})`}: ${bundles}; ` +
        'free some of it, release bundles, or lower storage.keepFree'
  }
}

function freeText (free: number): string {
  return `${formatByteSize(Math.max(free, 0))} are free`
}
