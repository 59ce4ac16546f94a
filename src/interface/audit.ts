import type { CID } from 'multiformats/cid'
import type { AnchoredCheckpoint } from './anchor.ts'
import type { TreeHead } from './merkle.ts'
import type { AbortOptions, Digest, Uint256 } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { NetworkSession, TaskReference } from './task.ts'

/** What a node committed to at one size of its trail. */
export interface TrailCheckpoint extends TreeHead {
  /** Which log it is: `cortensor-datanode/<address>/<repository id>`. */
  origin: string
  /** The signed note, as `decodeNote` of `cortensor-datanode/verify` reads it. */
  note: Uint8Array<ArrayBuffer>
  /** The node's word that the key of the note is its own, as `decodeAuditKey` of `cortensor-datanode/verify` reads it. */
  auditKey: Uint8Array<ArrayBuffer>
}

/** Of which checkpoint a call speaks. */
export interface CheckpointOptions extends AbortOptions {
  /** Entries of its tree, such as those of a checkpoint that is anchored; by default the latest. */
  size?: number
}

/** Which entries to list. */
export interface AuditFilter {
  /** Kind of the bundle. */
  kind?: string
  /** Only statements about this task; an unspecified `taskId` matches every task of the session. */
  task?: NetworkSession & { taskId?: Uint256 }
}

/** An entry of a trail. */
export interface AuditEntry {
  /** Place in the log, from 0. */
  index: number
  /** Digest of the statement: 32 bytes. The log itself has no more. */
  digest: Digest
  /** What it is the digest of, and the bundle that this is about; absent when that is not stored any more. */
  statement?: Statement
  cid?: CID
  kind?: string
  task?: TaskReference
}

/**
 * The audit trail of this node: the log of all statements that it ever signed, which only grows. An entry is the digest of a
 * statement, and shows nothing of it.
 *
 * A statement is appended soon after publishing has resolved, together with others: it is in every checkpoint and every proof
 * that is asked for afterwards. When the process dies before, it is appended when the repository is opened again.
 *
 * Every call throws a {@link DamagedTrailError} when what is on disk is not what the last checkpoint says, and a
 * {@link StorageError} or {@link StorageFullError} when what waits cannot be appended.
 */
export interface AuditTrail {
  /**
   * What this node commits to now: all that it has published. It is on disk, and each later one continues it. With `size` what it
   * commits to of its first entries.
   *
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   */
  checkpoint(options?: CheckpointOptions): Promise<TrailCheckpoint>

  /**
   * Writes the digest of the latest checkpoint to this node's anchor, and resolves when it is there. The node does so by itself,
   * too, every `anchorIntervalMs` in which it has published something. What is anchored already is not written again, whatever
   * happens between.
   *
   * @throws {@link AnchorError} when the anchor cannot be reached, or gives no receipt: it is tried again, as `health()` says
   * @throws {@link DamagedTrailError} when the trail does not continue what was anchored of it
   * @throws {@link InvalidArgumentError} when the node has no anchor
   */
  anchor(options?: AbortOptions): Promise<AnchoredCheckpoint>

  /**
   * What is anchored of this trail, the oldest first. Of more than a thousand every other one of the older half is dropped: those
   * that stay commit to the same entries.
   *
   * @throws {@link InvalidArgumentError} when the node has no anchor
   */
  anchored(options?: AbortOptions): Promise<AnchoredCheckpoint[]>

  /**
   * Lists entries in the order of the log. With a filter only those of bundles that are still stored: of others the log does not
   * know what they were about.
   */
  entries(filter?: AuditFilter, options?: AbortOptions): AsyncIterable<AuditEntry>

  /**
   * Proves that a statement is in the trail, under its latest checkpoint or that of `size` entries: a file that can be checked
   * without asking anybody, as `decodeTlogProof` of `cortensor-datanode/verify` reads it. The first call after opening reads all
   * entries.
   *
   * @param entry - a statement, or its digest
   * @throws {@link NotStoredError} when the trail has no such entry
   * @throws {@link InvalidProofError} when it has it only after the first `size` entries
   * @throws {@link InvalidArgumentError} when it is neither, or the trail has not so many entries
   */
  proveInclusion(entry: Statement | Digest, options?: CheckpointOptions): Promise<Uint8Array<ArrayBuffer>>

  /**
   * Proves that the trail of `toSize` entries begins with all of the one of `fromSize`: hashes of 32 bytes, for
   * `verifyConsistency` of `cortensor-datanode/verify`.
   *
   * @param toSize - by default the size of the latest checkpoint
   * @throws {@link SmallerTreeError} when it is smaller than `fromSize`
   * @throws {@link InvalidArgumentError} when the trail has not so many entries
   */
  proveConsistency(fromSize: number, toSize?: number, options?: AbortOptions): Promise<Uint8Array[]>
}

/** A statement that is about to be stored. */
export interface ExpectedStatement {
  /** It is stored. `kept` keeps its bundle; it is disposed of when the statement is in the trail. */
  stored(statement: Statement, kept: Disposable): void
  /** Another one is stored in its place: it is forgotten. */
  dropped(): void
}

/** Takes the statements of this node on their way into its trail. */
export interface StatementLog {
  /**
   * Says that a statement is about to be stored. When it has resolved, a statement is not forgotten: whatever happens between,
   * the next open looks for it among those that are stored.
   *
   * @throws {@link StorageError} when the file system refuses, or more statements wait than may
   */
  expect(): Promise<ExpectedStatement>
  /** Appends what waits, as far as that goes now, so that no bundle is kept for it. Never rejects. */
  settle(): Promise<void>
}
