import type { DiskShare } from '../interface/health.ts'
import type { StoreUsage } from '../interface/store.ts'
import type { ScrubPass } from '../interface/verify.ts'
import { essentialReserveBytes, indexBytesPerBlock, indexReserveBytes } from '../limits.ts'
import { isKept } from './holds.ts'
import type { RecordFile } from './record-file.ts'
import type { StoreParts } from './store-parts.ts'

/** What a repository takes, from memory. */
export function usageOf (parts: StoreParts, lastScrub: ScrubPass | undefined): StoreUsage {
  const { clock, damage, fileSystemType, index, limits, listed, partials, records, space } = parts
  const { bytes, keptBytes } = index.usage
  const now = clock()
  const held: DiskShare = { bundles: 0, bytes: keptBytes, files: 0 }
  const cached: DiskShare = { bundles: 0, bytes: bytes - keptBytes, files: 0 }
  for (const record of records.values()) {
    const share = isKept(record.bundle, now) ? held : cached
    share.bundles++
    share.files += filesOf(record)
  }
  return {
    fileSystem: fileSystemType,
    held,
    cached,
    partialBytes: partials.bytes,
    used: { bytes: space.used.bytes + indexReserveBytes, files: space.used.files },
    reservedBytes: indexReserveBytes + essentialReserveBytes + listed.blocks * indexBytesPerBlock,
    limit: { bytes: limits.bytesMax, files: limits.filesMax },
    damagedBlocks: damage.size,
    isFull: space.isOverQuota,
    ...lastScrub === undefined ? {} : { lastScrub }
  }
}

/** Its record, its CAR, and the files of its other blocks. */
function filesOf ({ bundle, carBlocks }: RecordFile): number {
  return 1 + (carBlocks > 0 ? 1 : 0) + bundle.blocks - carBlocks
}
