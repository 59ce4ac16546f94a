import type { CompleteOptions, Readers } from './bundle.ts'
import type { HoldInit } from './hold.ts'
import type { AbortOptions, Reference } from './primitives.ts'
import type { ProgressOptions } from './progress.ts'

/** Options of everything that publishes. */
export interface PublishOptions extends AbortOptions, ProgressOptions {
  /** Who may fetch it from this node. */
  readers?: Readers
  /** Lets more peers read it than may read what it links; without it that is an {@link AccessWidenedError}. */
  widen?: boolean
  /** Milliseconds for which it is held, in place of the retention of its kind: `Infinity` until it is released, 0 not at all. */
  retentionMs?: number
}

/** Options of everything that fetches. */
export interface FetchOptions extends CompleteOptions {
  /**
   * Who to ask first: addresses or peer ids of connected nodes, or multiaddrs; also URLs of trustless gateways
   * (`https://host`), or of one CAR (`https://host/some.car`), which are asked only when they are named here. Routers and
   * the reference's own providers are asked too.
   */
  providers?: readonly string[]
}

/** Options of importing a CAR. */
export interface ImportCarOptions extends AbortOptions, ProgressOptions {
  /** Who may fetch the bundle from this node. By default nobody, or whoever may already when it is stored. */
  readers?: Readers
  /** Lets more peers read it than may read what it links. */
  widen?: boolean
  /** Holds the bundle, until it is released or as is said; without it, it is cached. */
  hold?: boolean | HoldInit
  /** The bundle that it has to be. */
  root?: Reference
  /** Bytes of the whole CAR, where they are known: it must have exactly so many. */
  bytesTotal?: number
  /** More bytes than this are refused, before anything is read where `bytesTotal` is given. */
  bytesMax?: number
  /** Milliseconds without a byte after which the import is given up. */
  stallTimeoutMs?: number
}

/** How to hold a bundle, and to fetch it where it is not stored. */
export interface HoldOptions extends Omit<FetchOptions, 'hold'>, HoldInit {}

/** Whose hold to end. */
export interface ReleaseOptions extends Pick<HoldInit, 'owner'> {}
