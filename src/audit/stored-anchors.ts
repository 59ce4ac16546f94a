import { decodeAnchorRecord, encodeAnchorRecord } from '../format/anchor-record.ts'
import { anchoredMax, anchorRecordBytesMax } from '../limits.ts'
import type { AnchorRecord, WaitingCheckpoint } from '../format/anchor-record.ts'
import type { AnchoredCheckpoint, AnchorReceipt } from '../interface/anchor.ts'
import type { DurableFiles } from '../interface/store.ts'

type Files = Pick<DurableFiles, 'place' | 'read'>

const path = 'anchors'

/**
 * Opens what is recorded beside a trail of its anchors.
 *
 * @throws {@link DamagedTrailError}, {@link NewerFormatError}, {@link LimitExceededError} when it cannot be read
 * @throws {@link StorageError} when the file system refuses
 */
export async function openStoredAnchors (files: Files): Promise<StoredAnchors> {
  const bytes = await files.read(path, anchorRecordBytesMax)
  return new StoredAnchors(files, bytes === undefined ? { anchored: [] } : decodeAnchorRecord(bytes))
}

/**
 * What is anchored of a trail, and what may be, on the drive: a checkpoint is noted before anything is sent for it, and stays so
 * until its receipt is there. What could not be written is as it was, and is written again with the next change.
 */
export class StoredAnchors {
  readonly #files: Files
  #record: AnchorRecord

  constructor (files: Files, record: AnchorRecord) {
    this.#files = files
    this.#record = record
  }

  /** The oldest first. */
  get anchored (): readonly AnchoredCheckpoint[] {
    return this.#record.anchored
  }

  /** The checkpoint of which nobody knows whether it is anchored. */
  get waiting (): WaitingCheckpoint | undefined {
    return this.#record.waiting
  }

  /** Notes that a checkpoint is about to be written to its anchor. */
  async expect (waiting: WaitingCheckpoint): Promise<void> {
    await this.#place({ ...this.#record, waiting })
  }

  /** Notes that it is there. */
  async settle ({ size, root }: WaitingCheckpoint, receipt: AnchorReceipt): Promise<AnchoredCheckpoint> {
    const settled = { size, root, receipt }
    await this.#place({ anchored: withinBound([...this.#record.anchored, settled]) })
    return settled
  }

  async #place (record: AnchorRecord): Promise<void> {
    await this.#files.place([{ path, bytes: encodeAnchorRecord(record) }])
    this.#record = record
  }
}

/** What goes was anchored all the same, and the one after it shows as much a little later. */
function withinBound (anchored: readonly AnchoredCheckpoint[]): readonly AnchoredCheckpoint[] {
  if (anchored.length <= anchoredMax) return anchored
  return anchored.filter((_, at) => at >= anchored.length / 2 || at % 2 === 0)
}
