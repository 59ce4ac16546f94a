import type { SignedStatement } from './bundle.ts'
import type { Reference } from './primitives.ts'

/** One version in the history of a dataset. */
export interface DatasetVersion {
  version: string
  cid: string
  /** CID text of the version before it. */
  previous?: string
  /** The publisher's own statement; absent when nobody is known to have signed it, and then it may be anybody's. */
  statement?: SignedStatement
  /** Versions that the same publisher signed and that cannot be beside this one. */
  conflicts?: readonly DatasetConflict[]
}

/**
 * Another version in the place of one: proof, by two statements, that the publisher says different things to different people.
 */
export interface DatasetConflict {
  /** Both have the same number, or both follow the same version. */
  reason: 'same-version' | 'same-predecessor'
  version: string
  cid: string
  statement: SignedStatement
}

/**
 * What names a version of a dataset: any {@link Reference}, or `0xabc…/name@1.0.0`; without a number the newest one is meant
 * that this node, the publisher, the routers, `providers` and the trails that are followed know. A node can keep a newer one to
 * itself, and nobody can tell.
 */
export type DatasetReference = Reference
