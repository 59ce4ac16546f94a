import type { CID } from 'multiformats/cid'
import type { AnchoredCheckpoint } from './anchor.ts'
import type { Bundle } from './bundle.ts'
import type { TreeHead } from './merkle.ts'
import type { AbortOptions, Address, Digest, Uint256 } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { NetworkSession, TaskReference } from './task.ts'

/** What a node committed to at one size of its trail. */
export interface LogCheckpoint extends TreeHead {
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

/** What this node commits to now. */
export interface TrailCheckpoint extends LogCheckpoint {
  /**
   * Addresses of the routers that have it on their drives, and would see if this node contradicted it. Empty: nobody else is
   * known to have it.
   */
  witnesses: readonly Address[]
}

/** How to follow the trail of another node. */
export interface FollowOptions extends AbortOptions {
  /** Multiaddrs where it can be dialled when it is not connected; remembered in place of those that were given before. */
  providers?: readonly string[]
}

/**
 * The trail of another node, as far as this node has seen and checked it. All of it is on disk.
 *
 * It is looked at again every minute, in this process and in later ones, until it is stopped. A checkpoint is taken when its
 * tree, computed here from the entries, begins with all of the one before.
 */
export interface FollowedTrail {
  /** Of the other node. */
  readonly address: Address
  /** The newest one that was seen. */
  readonly checkpoint: LogCheckpoint
  /**
   * The proof that the node told its log in two ways, as `decodeFork` of `cortensor-datanode/verify`
   * reads it; absent when none is known.
   */
  readonly fork?: Uint8Array<ArrayBuffer> | undefined

  /**
   * Looks at it now.
   *
   * @returns the newest checkpoint
   * @throws {@link ForkedTrailError} when the node has told its log in two ways, now or before
   * @throws {@link PeerUnreachableError}, {@link TimedOutError}, {@link RefusedError} when the node cannot be asked
   * @throws {@link CorruptTransferError} when it shows something that is not its log
   * @throws {@link LimitExceededError} when its log is larger than one that can be followed
   */
  update(options?: AbortOptions): Promise<LogCheckpoint>

  /** Lists the entries that the newest checkpoint commits to. */
  entries(options?: AbortOptions): AsyncIterable<Pick<AuditEntry, 'index' | 'digest'>>

  /**
   * Proves that a statement is in the other node's own log, under the newest checkpoint that was seen: without asking anybody, as
   * `proveInclusion` of an {@link AuditTrail} does.
   *
   * @throws {@link NotStoredError} when it is not among its entries
   * @throws {@link InvalidArgumentError} when it is neither a statement nor a digest
   */
  proveInclusion(entry: Statement | Digest, options?: AbortOptions): Promise<Uint8Array<ArrayBuffer>>

  /** Does not look at it any more. What was seen stays on disk: it is what a later `follow` goes on from. */
  stop(): Promise<void>
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
 * Before the first append of a process, routers are asked what they have seen of the trail, and are told of each newer
 * checkpoint. When one of them is ahead of what is on disk, or has seen another log, nothing is appended: publishing goes on,
 * and statements wait in the repository.
 *
 * Every call about this node's own trail throws a {@link StaleTrailError} or {@link ForkedTrailError} then, a
 * {@link DamagedTrailError} when what is on disk is not what the last checkpoint says, and a {@link StorageError} or
 * {@link StorageFullError} when what waits cannot be appended.
 */
export interface AuditTrail {
  /**
   * What this node commits to now: all that it has published. It is on disk, and each later one continues it. Routers that are
   * connected are told, and waited for, for a few seconds at most. With `size` what it commits to of its first entries.
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
   * Publishes the trail as a bundle of kind `trail` that anyone may fetch: `checkpoint`, `audit-key.json`, and `tile/…` as C2SP
   * tlog-tiles has them; beside them `datasets.json`, which names the versions of datasets that anyone may read. Only what is
   * new since the last time is stored; the newest bundle is held in place of those before it. It makes no entry in the trail.
   * When somebody follows this node, that is done by itself.
   */
  publish(options?: AbortOptions): Promise<Bundle>

  /**
   * Follows the trail of another node: fetches it from that node, checks it, and keeps it, from now on.
   *
   * @param address - of the node, which is connected, or can be dialled at one of `providers`
   * @throws what {@link FollowedTrail.update} throws, where nothing was seen of it before; else it is followed all the same
   * @throws {@link InvalidArgumentError} when `address` or `providers` are not of their form
   * @throws {@link LimitExceededError} when as many nodes are followed as may be
   */
  follow(address: Address, options?: FollowOptions): Promise<FollowedTrail>

  /** Nodes whose trails are followed, also since an earlier process. */
  followed(options?: AbortOptions): Promise<readonly FollowedTrail[]>

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
  /** The same, unless others have to be asked before: then it goes on by itself. */
  settleAtOnce(): Promise<void>
}
