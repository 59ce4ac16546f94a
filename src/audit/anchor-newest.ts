/**
 * Anchoring the newest checkpoint of a trail, so that a crash at any point neither anchors one twice nor forgets one:
 *
 * 1. the checkpoint is noted as waiting, on the drive
 * 2. the anchor is asked whether it has the digest already, and writes it when it has not
 * 3. the receipt is noted in place of the waiting checkpoint, on the drive
 *
 * A checkpoint that an earlier attempt left waiting goes first. Those between it and the newest need no anchor of their own: the
 * newest commits to all that they do.
 */
import { DamagedTrailError } from '../errors.ts'
import { checkReceipt } from '../format/anchor-receipt.ts'
import { checkpointDigest, decodeCheckpoint } from '../format/checkpoint.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { anchoredAhead } from './anchored-ahead.ts'
import type { WaitingCheckpoint } from '../format/anchor-record.ts'
import type { Anchor, AnchoredCheckpoint, AnchorReceipt } from '../interface/anchor.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { StoredAnchors } from './stored-anchors.ts'
import type { Trail } from './trail.ts'

/** What anchoring needs. */
export interface AnchorComponents {
  anchor: Anchor
  stored: StoredAnchors
  trail: Pick<Trail, 'checkpoint' | 'checkpointAt' | 'size'>
  log: (line: string) => void
}

/**
 * Anchors the newest checkpoint, unless it is anchored already.
 *
 * @throws {@link AnchorError} when the anchor gives something that is no receipt
 * @throws {@link DamagedTrailError} when the trail does not continue what was anchored of it before
 * @throws what the anchor throws
 */
export async function anchorNewest (components: AnchorComponents, options: AbortOptions): Promise<AnchoredCheckpoint> {
  const { anchor, stored, trail, log } = components
  const ahead = await anchoredAhead(trail, stored.anchored, options)
  if (ahead !== undefined) throw doesNotContinue(ahead)
  if (stored.waiting?.anchor === anchor.id) await settleWaiting(components, options)
  const { size, root } = decodeCheckpoint(trail.checkpoint.text)
  const newest = newestAt(stored, anchor)
  if (newest?.size === size) return newest
  if (stored.waiting !== undefined) log(leftWaiting(stored.waiting))
  await stored.expect({ size, root, anchor: anchor.id })
  return await settleWaiting(components, options)
}

/** The newest checkpoint that this anchor has. */
export function newestAt ({ anchored }: Pick<StoredAnchors, 'anchored'>, { id }: Pick<Anchor, 'id'>): AnchoredCheckpoint | undefined {
  return anchored.findLast(({ receipt }) => receipt.anchor === id)
}

async function settleWaiting (components: AnchorComponents, options: AbortOptions): Promise<AnchoredCheckpoint> {
  const { anchor, stored, trail, log } = components
  const { waiting } = stored
  if (waiting === undefined) throw new RangeError('nothing waits to be anchored')
  const { origin } = decodeCheckpoint(trail.checkpoint.text)
  const digest = checkpointDigest({ origin, size: waiting.size, root: waiting.root, extensions: [] })
  const find = async (): Promise<AnchorReceipt | undefined> =>
    await anchor.read(digest, options) ?? (await anchor.write([digest], options))[0]
  // An anchor that goes on by itself is not waited for, and what it says then is not taken.
  const found = await untilAborted(find(), options.signal)
  const receipt = checkReceipt(found, { digest, anchor: anchor.id })
  const settled = await stored.settle(waiting, receipt)
  log(`anchored ${waiting.size} entries in block ${receipt.blockNumber} of ${anchor.id}`)
  return settled
}

function leftWaiting ({ size, anchor }: WaitingCheckpoint): string {
  return `a checkpoint of ${size} entries waited for ${anchor}, which is not asked any more`
}

function doesNotContinue ({ size, receipt }: AnchoredCheckpoint): DamagedTrailError {
  return new DamagedTrailError(
    `The audit trail does not continue its checkpoint of ${size} entries, which is anchored in block ${receipt.blockNumber} of ${receipt.anchor}: ` +
    'it went back, as a restored backup does. Nothing is anchored; bring back the later files, or begin another log with an empty repository',
    { size, receipt })
}
