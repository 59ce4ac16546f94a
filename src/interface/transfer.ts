import type { CID } from 'multiformats/cid'
import type { Readers } from './bundle.ts'
import type { AbortOptions, Address } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'
import type { Access } from './statement.ts'
import type { BlockReader, BlockWriter } from './store.ts'

/** A place in the depth-first order of a DAG: link indexes from the root down; empty is the root itself. */
export type DagPosition = readonly number[]

/** What to fetch of a DAG, and from whom. */
export interface FetchDagOptions extends AbortOptions, ProgressOptions {
  /** Addresses, peer ids or multiaddrs, asked in this order before the routers. */
  providers: readonly string[]
  /** First position wanted; the root when absent. Its ancestors must be in `into` already. */
  from?: DagPosition
  /** First position not wanted any more; the end of the DAG when absent. */
  to?: DagPosition
  /** `inner`: without raw leaves. By default everything. */
  mode?: 'all' | 'inner'
  bytesMax: number
  stallTimeoutMs: number
}

/** What one provider was asked and how it ended. */
export interface ProviderAttempt {
  provider: string
  outcome: 'ok' | 'unreachable' | 'not-available' | 'embargoed' | 'busy' | 'bad-request' | 'too-large' | 'corrupt' | 'timed-out' | 'lost'
  reason: string
  bytes: number
  elapsedMs: number
}

/** What came of a fetch. */
export interface FetchedDag {
  access: Access
  /** Statements as the provider sent them: JSON bytes, unchecked. */
  statements: readonly Uint8Array[]
  /** Bytes of blocks received. */
  bytes: number
  /** Peer id of the provider. */
  provider: string
  attempts: readonly ProviderAttempt[]
}

/** Blocks between peers. */
export interface Transfer {
  /**
   * Fetches an interval of a DAG into `into`, every block hashed and expected before it is put.
   *
   * @throws {@link UnavailableError} nobody who was asked has it
   * @throws {@link TimedOutError} no progress for `stallTimeoutMs`
   * @throws {@link CorruptTransferError} the only provider sent something else
   * @throws {@link RefusedError} the only provider refused
   * @throws {@link LimitExceededError} more than `bytesMax`, or deeper or wider than a bundle may be
   * @throws {@link StorageFullError} more than `into` has room for
   */
  fetchDag(root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions): Promise<FetchedDag>
  stop(): Promise<void>
}

/** What the serving side needs to know of a root. */
export interface ServedRoot {
  /** Reads its blocks; without it, all that is stored is asked. */
  blocks?: Pick<BlockReader, 'get'>
  /** Keeps its blocks on disk until it is disposed of. */
  keep?: () => Disposable
  readers: Readers
  embargoed: boolean
  /** Bytes of all blocks under the root. */
  bytes: number
  access: Access
  /** JSON bytes of each statement. */
  statements: readonly Uint8Array[]
}

/** Decides from memory what a peer gets to see of a root. */
export type LookUpRoot = (root: CID) => ServedRoot | undefined

/** May this peer read it? A peer without an address reads only what anyone may. */
export type MayRead = (served: ServedRoot, peer: Address | undefined) => boolean
