import type { CID } from 'multiformats/cid'
import type { Readers } from './bundle.ts'
import type { AbortOptions } from './primitives.ts'
import type { SignedStatement } from './bundle.ts'
import type { TaskReference } from './task.ts'

/** Reads blocks. What it returns hashes to the CID that was asked for. */
export interface BlockReader {
  /** @throws {@link NotStoredError}, {@link CorruptBlockError} */
  get(cid: CID, options?: AbortOptions): Promise<Uint8Array>
  has(cid: CID, options?: AbortOptions): Promise<boolean>
}

/** Takes blocks whose bytes were checked against their CID by the caller, or made from them. */
export interface BlockWriter {
  put(cid: CID, bytes: Uint8Array, options?: AbortOptions): Promise<void>
}

/** What is known of one bundle beside its DAG. */
export interface BundleRecord {
  root: CID
  /** The manifest's kind; `unixfs` where there is no manifest. */
  kind: string
  origin: 'published' | 'fetched'
  readers: Readers
  embargoed: boolean
  held: boolean
  statements: readonly SignedStatement[]
  /** The task that it belongs to, for results and evidence; of a task bundle the session's part is kept as `session`. */
  task?: TaskReference
  session?: Omit<TaskReference, 'taskId'>
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

/** Blocks of one bundle on their way into the store: not listed, not served, gone after a crash. */
export interface Staging extends BlockReader, BlockWriter, AsyncDisposable {
  /**
   * Makes everything under `record.root` durable, then the record, then resolves. Every block must be in this
   * staging area or in the store already.
   *
   * When the root is stored already nothing is written and the stored bundle is returned as it is.
   *
   * @throws {@link NotStoredError} when the DAG is not complete
   */
  commit(record: BundleRecord, options?: AbortOptions): Promise<StoredBundle>
  /** Forgets the blocks that were put. Does nothing after `commit`. */
  discard(): Promise<void>
}

/** What may change in a record after it was stored. */
export type RecordChange = Partial<Pick<BundleRecord, 'readers' | 'embargoed' | 'held' | 'statements'>>

/** Blocks at rest. */
export interface Store extends BlockReader {
  /** Directory of the repository, or `:memory:`. */
  readonly path: string
  /** What strangers may read block by block: blocks of at least one bundle that is revealed and readable by anyone. */
  readonly publicBlocks: BlockReader
  stage(): Staging
  record(root: CID): StoredBundle | undefined
  records(): Iterable<StoredBundle>
  /** Changes a record durably. @throws {@link NotStoredError} when the root is not stored */
  update(root: CID, change: RecordChange): Promise<StoredBundle>
  /** Bytes of all blocks, shared ones counted once, and of those that belong to a held bundle. */
  usage(): { bytes: number, heldBytes: number }
  close(): Promise<void>
}
