import type { Anchor } from './anchor.ts'
import type { DatasetVersion } from './dataset-version.ts'
import type { Delegation } from './delegation.ts'
import type { FoundEvidence } from './evidence-lookup.ts'
import type { FetchOptions } from './options.ts'
import type { Address } from './primitives.ts'
import type { Statement } from './statement.ts'

/** A version that the bundle of a trail names. What its statement says is signed, the rest is said beside it. */
export interface NamedVersion {
  publisher: Address
  name: string
  version: string
  statement: Statement
  /** Where a node signed that spoke for the publisher. */
  delegation?: Delegation
}

/** Which versions are meant by a name. */
export interface ResolveOptions extends FetchOptions {
  /**
   * Only versions count that a checkpoint of their publisher's log commits to which is anchored in one of these, among the last
   * few sizes of the log. Without anchors all count.
   */
  anchors?: readonly Anchor[]
}

/** By what a statement is in the log of its signer: each as {@link FoundEvidence} has it. */
export type StatementProof = Pick<FoundEvidence, 'anchored' | 'inclusion' | 'receipts'>

/** The version that a name stands for, and by what it is known that its publisher published it, and since when. */
export interface ResolvedVersion extends DatasetVersion, StatementProof {
  /** `0xabc…/name@1.0.0`. */
  name: string
  /** What `open` and `fetch…` take. */
  urn: string
  /** Peer ids of those who told of it: `providers` of a fetch. None where it is stored here, or was named by a trail. */
  providers: readonly string[]
}
