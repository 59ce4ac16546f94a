import type { CID } from 'multiformats/cid'
import type { Readers } from './bundle.ts'
import type { DiskHealth } from './health.ts'
import type { Hold } from './hold.ts'
import type { AbortOptions } from './primitives.ts'
import type { SignedStatement } from './bundle.ts'
import type { SignedDelegation } from './delegation.ts'
import type { SaidOfRoot } from './statement.ts'
import type { TaskReference } from './task.ts'
import type { VerifyBlocksOptions, VerifyReport } from './verify.ts'

/** Reads blocks. What it returns hashes to the CID that was asked for. */
export interface BlockReader {
  /** @throws {@link NotStoredError}, {@link CorruptBlockError} */
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array>
  has(cid: CID, options?: AbortOptions): Promise<boolean>
  /** Bytes of a block, where that is known without reading it. */
  sizeOf?(cid: CID): number | undefined
}

/** Takes blocks whose bytes were checked against their CID by the caller, or made from them. */
export interface BlockWriter {
  /** Undefined when there is nothing to wait for: the block is there. */
  put(cid: CID, bytes: Uint8Array, options?: AbortOptions): Promise<void> | undefined
  /**
   * Says how many bytes are to come, as far as that is known.
   *
   * @throws {@link StorageFullError} when so many can never be stored
   */
  expect?(bytes: number): void
}

/** What is known of one bundle beside its DAG. */
export interface BundleRecord {
  root: CID
  /** The manifest's kind; `unixfs` where there is no manifest. */
  kind: string
  origin: 'published' | 'fetched'
  readers: Readers
  /** True when readers were a function that an earlier process had: nobody may read until they are set again. */
  readersLost?: boolean | undefined
  embargoed: boolean
  /** When an embargo ends by itself, in milliseconds since 1970. */
  revealAt?: number | undefined
  /** Roots of bundles that not everybody could read when something of them was linked by its CID. */
  links?: readonly CID[]
  /** Why it stays on disk: one for each owner. Without any it is cache, and so it is when all of them have ended. */
  holds: readonly Hold[]
  statements: readonly SignedStatement[]
  /** Of wallets as whose these statements count, each with a checked signature. */
  delegations?: readonly SignedDelegation[]
  /** The task that it belongs to, for results and evidence; of a task bundle the session's part is kept as `session`. */
  task?: TaskReference
  session?: Omit<TaskReference, 'taskId'>
  /** Root of the task bundle that a result or evidence is about. */
  answers?: CID
  /** Milliseconds since 1970. */
  storedAt: number
}

/** What a commit or a start-up scan adds to a record. */
export interface StoredBundle extends BundleRecord {
  /** Bytes of its blocks, each counted once. */
  bytes: number
  /** Number of its blocks, each counted once. */
  blocks: number
}

/** A bundle that is to be stored. */
export interface NewBundle extends Omit<BundleRecord, 'statements'> {
  /** Signing takes as long as writing a small bundle: a function is called while that is on its way. */
  statements: readonly SignedStatement[] | (() => Promise<readonly SignedStatement[]>)
}

/** Blocks of one bundle on their way into the store: not listed, not served, gone after a crash. */
export interface Staging extends BlockReader, BlockWriter, AsyncDisposable {
  /**
   * Makes everything under `record.root` durable, then the record, then resolves. Every block must be in this
   * staging area or in the store already.
   *
   * When the root is stored already, blocks of it that are damaged are written again, and the stored bundle is returned as it is.
   *
   * @throws {@link NotStoredError} when the DAG is not complete
   * @throws {@link StorageFullError} when there is no room for it
   */
  commit(record: NewBundle, options?: AbortOptions): Promise<StoredBundle>
  /** Forgets the blocks that were put. Does nothing after `commit`. */
  discard(): Promise<void>
}

/** Blocks of a bundle, counted. */
export interface FoundBlocks {
  blocks: number
  bytes: number
}

/**
 * Blocks of a bundle that is being fetched or read from other nodes, shared by all who use the same root at the same time: what
 * one of them puts, the others have. `await using` suspends it.
 */
export interface PartialBundle extends Staging {
  /**
   * What there is of it: what earlier users left on disk, also in an earlier process, and what was put since. Known once all that
   * was left was hashed; what was damaged is not counted and is not there any more.
   */
  found(options?: AbortOptions): Promise<FoundBlocks>
  /** What was noted of it, also in an earlier process: nobody has checked it. Undefined when nothing was. */
  readonly said: SaidOfRoot | undefined
  /** Joins what providers say of it to what was said before, and keeps it as long as the blocks. */
  note(said: SaidOfRoot): void
  /**
   * As of a staging area, and once for all of its users: whoever comes second is given what the first one stored. Afterwards all
   * of them read the stored bundle, which stays until the last one is done.
   *
   * @throws {@link NotStoredError} when the DAG is not complete; then it can go on
   * @throws {@link InvalidArgumentError} when the record is one of another root
   */
  commit(record: NewBundle, options?: AbortOptions): Promise<StoredBundle>
  /**
   * This user is done. When the last one is, what is in files of its own stays on disk for a while, unless one of them has
   * discarded it.
   */
  suspend(): Promise<void>
  /** This user is done, and what came is not worth keeping: it is forgotten when the last one is done. */
  discard(): Promise<void>
}

/** What may change in a record after it was stored. */
export type RecordChange = Partial<Pick<BundleRecord, 'readers' | 'embargoed' | 'revealAt' | 'links' | 'holds' | 'statements' | 'delegations'>>

/** What a repository takes of the disk. */
export interface StoreUsage extends Omit<DiskHealth, 'repository'> {
  /** True when nothing new is taken until something goes. */
  isFull: boolean
}

/** How much to collect. */
export interface CollectOptions extends AbortOptions {
  /** Stop as soon as so many bytes were freed; without it everything goes that is not held. */
  bytes?: number
}

/** What was collected. */
export interface Collected {
  bundles: number
  /** Bytes and number of the files that are gone, those of interrupted fetches included. */
  bytes: number
  files: number
}

/** A file with all of its bytes. */
export interface NewFile {
  /** Below the directory, with `/` between names. */
  path: string
  bytes: Uint8Array
}

/** Small files below one directory of a repository, each of them written as a whole. */
export interface DurableFiles {
  /** Undefined when there is no such file. Of a larger one it gives a byte more than `bytesMax`. */
  read(path: string, bytesMax: number): Promise<Uint8Array | undefined>
  /** Names in a directory, in no order; none when it does not exist. */
  list(path: string): Promise<string[]>
  /**
   * Puts files in place of those that had their names. When it resolves, bytes and names are on the drive. When it rejects, each
   * of them is the old one or the new one, also after a crash in the middle of it.
   *
   * @throws {@link StorageFullError} when there is no room for them
   * @throws {@link StorageError} when the file system refuses
   */
  place(files: readonly NewFile[]): Promise<void>
  /** Removes a file or an empty directory; what does not exist is left at that. A power cut may bring it back. */
  remove(path: string): Promise<void>
}

/** Blocks at rest. */
export interface Store extends BlockReader {
  /** Directory of the repository, or `:memory:`. */
  readonly path: string
  /** 16 random bytes as hexadecimal: another disk is another repository. */
  readonly repositoryId: string
  /** Files of the audit trail. */
  readonly auditFiles: DurableFiles
  /** Rows for the next versions of datasets. */
  readonly appendFiles: DurableFiles
  /** What strangers may read block by block: blocks of at least one bundle that is revealed and readable by anyone. */
  readonly publicBlocks: BlockReader
  /** Reads blocks of one stored bundle, also those that the index has lost. */
  reader(root: CID): BlockReader
  stage(): Staging
  /**
   * What there is of a bundle that is not whole yet, for one more user, who has to suspend, discard or dispose of it.
   *
   * @throws {@link InvalidDagError} when no bundle can have this root
   */
  partial(root: CID): PartialBundle
  record(root: CID): StoredBundle | undefined
  records(): Iterable<StoredBundle>
  /**
   * Changes a record durably. What a function returns is computed from the record as it is when its turn has come.
   *
   * @throws {@link NotStoredError} when the root is not stored
   */
  update(root: CID, change: RecordChange | ((stored: StoredBundle) => RecordChange)): Promise<StoredBundle>
  /**
   * Keeps a bundle from being collected until it is disposed of, and counts as a use of it.
   *
   * @throws {@link NotStoredError} when the root is not stored
   */
  keep(root: CID): Disposable
  /** Roots of the stored bundles that have this block. */
  owners(cid: CID): Promise<CID[]>
  /** Roots of other stored bundles whose root is a block of this one. */
  linkedRoots(root: CID): Promise<CID[]>
  /** Bytes of the blocks that belong to no other bundle: what would be freed if only this one went. */
  ownBytes(root: CID): Promise<number>
  /**
   * Removes what is left of interrupted fetches, and then what is not held, each of them least recently used first. Other work
   * goes on meanwhile.
   */
  collect(options?: CollectOptions): Promise<Collected>
  /** Reads and hashes every block of one bundle, or of all. */
  verify(root: CID | undefined, options?: VerifyBlocksOptions): Promise<VerifyReport>
  /** True when blocks of a bundle are known to be damaged. */
  isDamaged(root: CID): boolean
  usage(): StoreUsage
  close(): Promise<void>
}
