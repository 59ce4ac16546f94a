import type { CID } from 'multiformats/cid'
import type { Readers } from './bundle.ts'
import type { ConnectedPeer } from './network.ts'
import type { Offer } from './offer.ts'
import type { AbortOptions, Address } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'
import type { Access, SaidOfRoot } from './statement.ts'
import type { BlockReader, BlockWriter } from './store.ts'

/** A place in the depth-first order of a DAG: link indexes from the root down; empty is the root itself. */
export type DagPosition = readonly number[]

/** What to fetch of a DAG, and from whom. */
export interface FetchDagOptions extends AbortOptions, ProgressOptions {
  /**
   * Asked in this order before the routers: addresses, peer ids or multiaddrs; URLs of trustless gateways
   * (`https://host`), or of one CAR (`https://host/some.car`).
   */
  providers: readonly string[]
  /** Asks the routers when the providers do not have it. By default it does. */
  asksRouters?: boolean
  /** First position wanted; the root when absent. Its ancestors must be in `into` already. */
  from?: DagPosition
  /** First position not wanted any more; the end of the DAG when absent. */
  to?: DagPosition
  /** `inner`: without raw leaves. By default everything. */
  mode?: 'all' | 'inner'
  /** Bytes of the DAG that are in `into` already, 0 when that may be so of some. What is there is not asked for. */
  bytesThere?: number | undefined
  /** Bytes that a leaf is expected to have while none has come. */
  leafBytes?: number | undefined
  /** Bytes that are enough: resolves when about so many have come, and at least one block, though there may be more. */
  enoughBytes?: number | undefined
  bytesMax: number
  stallTimeoutMs: number
  /** Called with all that was said by now, whenever a provider answers: before its blocks come. */
  onSaid?: ((said: SaidOfRoot) => void) | undefined
}

/** Something that happened with one provider. */
export interface ProviderEvent {
  /**
   * `dialled`, `connected`; `asked` for a part, `answered` with a header; `stalled`: silent while others could be asked;
   * `taken-over`: another provider was faster; last how it ended, as the attempt's outcome.
   */
  what: 'dialled' | 'connected' | 'asked' | 'answered' | 'stalled' | 'taken-over' | ProviderAttempt['outcome']
  /** Milliseconds since the fetch started. */
  atMs: number
  /** Bytes of blocks that this provider had brought by then. */
  bytes: number
}

/** What one provider was asked and how it ended. */
export interface ProviderAttempt {
  /** Its peer id once it is known, before that the name that it was given by. */
  provider: string
  outcome: 'ok' | 'unreachable' | 'not-available' | 'embargoed' | 'busy' | 'bad-request' | 'too-large' | 'corrupt' | 'timed-out' | 'lost'
  reason: string
  bytes: number
  elapsedMs: number
  /** What happened, in its order; of much of the same only the first few are kept. */
  timeline: readonly ProviderEvent[]
}

/** What came of a fetch. */
export interface FetchedDag extends SaidOfRoot {
  /** Bytes of blocks received. */
  bytes: number
  /** Peer id of the provider of the last block. */
  provider: string
  attempts: readonly ProviderAttempt[]
}

/** Who has to hold a root. */
export interface ConfirmRootOptions extends AbortOptions {
  /** How many routers; no more than there are. */
  routers: number
  /** Who may read it: no other router is asked. */
  readers: Readers
  timeoutMs: number
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
  /**
   * Offers a root to this node's routers until so many hold it.
   *
   * @returns the addresses of those that do
   * @throws {@link NotConfirmedError} when that is not so in time, or cannot be any more
   */
  confirm(offer: Offer, options: ConfirmRootOptions): Promise<readonly Address[]>
  /** Says that this peer is likely to be asked soon: streams to it are made ready. Routers are always expected. */
  expect(peer: ConnectedPeer): void
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
  /** And of each delegation. */
  delegations?: readonly Uint8Array[] | undefined
}

/** Notes a delegation that a peer shows. False for what nobody shows by mistake. */
export type ShowDelegation = (peer: ConnectedPeer, bytes: Uint8Array) => boolean

/** Decides from memory what a peer gets to see of a root. */
export type LookUpRoot = (root: CID) => ServedRoot | undefined

/** Is this peer among the readers of a root? One without an address is only where anyone is. When it is aborted nobody is. */
export type MayRead = (root: CID, readers: Readers, peer: ConnectedPeer, options?: AbortOptions) => boolean | Promise<boolean>
