import type { KnownVersions } from './known-versions.ts'
import type { ProveStatement } from './resolve.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { Logger } from '../interface/data-node.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { Network } from '../interface/network.ts'
import type { FetchOptions, PublishOptions, ReleaseOptions } from '../interface/options.ts'
import type { AbortOptions, Address, Reference } from '../interface/primitives.ts'
import type { DurableFiles, Store } from '../interface/store.ts'

/** What datasets need from the node. */
export interface DatasetComponents {
  publisher: Address
  store: Pick<Store, 'has' | 'owners' | 'record' | 'records'>
  network: Pick<Network, 'connect' | 'find' | 'openStream' | 'routerPeers'>
  versions: Pick<KnownVersions, 'list'>
  /** Versions that the trails name which this node follows. */
  named: () => Promise<readonly NamedVersion[]>
  /** Proves that a statement is in the log of its signer. */
  prove: ProveStatement
  publish: <M extends Manifest>(init: BundleInit<M>, options: PublishOptions) => Promise<Bundle>
  fetch: (ref: Reference, options: FetchOptions) => Promise<Bundle>
  open: (ref: Reference, options: FetchOptions) => Promise<Bundle>
  /** Where appended rows are kept. */
  files: DurableFiles
  /** Those of a wallet that this node has seen. */
  delegationsOf: (wallet: Address) => readonly SignedDelegation[]
  /** Ends the hold of one owner. */
  release: (ref: Reference, options: ReleaseOptions) => Promise<number>
  log: Logger
  /** Runs a call until it ends or the node stops. */
  run: <O extends AbortOptions, T>(options: O, call: (options: O & { signal: AbortSignal }) => Promise<T>) => Promise<T>
}
