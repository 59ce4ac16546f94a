import { checkpointDigest } from '../format/checkpoint.ts'
import { anchoredSizesMax } from '../limits.ts'
import { readRoot } from '../merkle/read-hashes.ts'
import type { AnchoredCheckpoint, AnchorReceipt } from '../interface/anchor.ts'
import type { EvidenceLog } from '../interface/evidence.ts'
import type { AbortOptions, Digest } from '../interface/primitives.ts'
import type { Mirror } from './mirror.ts'

/** Where checkpoints are looked up. */
export type ReceiptsOf = (digest: Digest) => Promise<readonly AnchorReceipt[]>

/**
 * Finds the newest checkpoint of a log that is anchored and commits to an entry, among its last few sizes. The digest of a
 * checkpoint follows from the entries alone: so it is found without the note that its node signed.
 */
export async function findAnchored (
  mirror: Mirror, { origin, index, size: newest }: EvidenceLog, receiptsOf: ReceiptsOf, options: AbortOptions
): Promise<AnchoredCheckpoint | undefined> {
  const oldest = Math.max(index + 1, newest - anchoredSizesMax + 1)
  for (let size = newest; size >= oldest; size--) {
    options.signal?.throwIfAborted()
    const root = await readRoot(size, mirror.hashes(newest), options)
    const [receipt] = await receiptsOf(checkpointDigest({ origin, size, root, extensions: [] }))
    if (receipt !== undefined) return { size, root, receipt }
  }
  return undefined
}
