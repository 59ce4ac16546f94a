import type { Readers } from './bundle.ts'
import type { AbortOptions } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'

/** Options of everything that publishes. */
export interface PublishOptions extends AbortOptions, ProgressOptions {
  /** Who may fetch it from this node. */
  readers?: Readers
}

/** Options of everything that fetches. */
export interface FetchOptions extends AbortOptions, ProgressOptions {
  /**
   * Who to ask first: addresses or peer ids of connected nodes, or multiaddrs; also URLs of trustless gateways
   * (`https://host`), or of one CAR (`https://host/some.car`), which are asked only when they are named here or in the
   * reference. Routers and the reference's own providers are asked too.
   */
  providers?: readonly string[]
  /** Milliseconds without progress after which the fetch is given up. */
  stallTimeoutMs?: number
  /** More bytes than this are refused, at the header where the size is known. */
  bytesMax?: number
  /** Holds the bundle once it is complete; without it, it is cached. */
  hold?: boolean
}
