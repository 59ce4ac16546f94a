import type { Address } from './primitives.ts'
import type { CID } from 'multiformats/cid'

/** Which versions are asked for: all of a dataset, or one. */
export interface VersionQuery {
  publisher: Address
  name: string
  version?: string | undefined
}

/** A version that a node says it has. */
export interface VersionAnswer {
  root: CID
  version: string
  /** The publisher's statement about the root, as JSON bytes: unchecked. */
  statement: Uint8Array
  /** Where a node signed that spoke for the publisher: by which delegation, as JSON bytes: unchecked. */
  delegation?: Uint8Array
}

/** What a node says that it has of a dataset. */
export interface VersionsAnswer {
  status: 'ok' | 'busy' | 'bad-request' | 'unknown'
  /** The newest ones, the newest first. */
  versions: readonly VersionAnswer[]
}
