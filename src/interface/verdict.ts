import type { ResultBundle, SignedStatement } from './bundle.ts'
import type { Delegation } from './delegation.ts'
import type { AbortOptions, Address, Digest, Hex, Reference } from './primitives.ts'
import type { Statement } from './statement.ts'

/** What a miner is said to have answered: where, and the hash that it committed to before. */
export interface Claim {
  miner: Address
  ref: Reference
  /** The 32 bytes of the precommit. By default the digest of the root; see {@link VerifyOptions.hashOf}. */
  hash?: Hex
  /**
   * A statement that came with the claim, or its JSON as bytes or text. It counts like one that comes with the result, and has to
   * be right also where others are found.
   */
  statement?: Statement | Uint8Array | string
  /**
   * A delegation by which a node speaks for the miner, or its JSON as bytes or text. It counts like one that comes with the
   * result; a `statement` that the node signed needs it here, unless this node has seen it.
   */
  delegation?: Delegation | Uint8Array | string
}

/** How one claim stands. */
export type VerdictStatus =
  | 'ok'
  /** Complete and well formed, but no statement of the miner was found. */
  | 'unsigned'
  /** There, and not revealed when time was up; it was asked for again until then. */
  | 'embargoed'
  /** Not fetched before the deadline: nobody who was asked had it. */
  | 'unavailable'
  /** What was claimed is not what was committed to, by the hash of the precommit or by the statement that came with the claim. */
  | 'mismatch'
  /** A statement exists, and another address than the miner's signed it. */
  | 'wrong-signer'
  /** A result, or a statement, of another task or another chain. */
  | 'wrong-task'
  /** Not a claim, not a result bundle, or not a statement or delegation with a valid signature. */
  | 'malformed'
  /** The reference, the manifest or the statement belongs to another miner: {@link Verdict.copiedFrom} says to whom. */
  | 'copied'

/** One claim, judged. What stands in it beside the status is the evidence, as far as it was found. */
export interface Verdict {
  miner: Address
  /** The reference as claimed: the text, at most 4,096 characters of it. */
  ref: string
  status: VerdictStatus
  /** A sentence that says why. */
  reason: string
  /** Of the root. */
  digest?: Digest
  /** Both hashes of a mismatch. */
  expected?: Hex
  actual?: Hex
  /** The miner's statement that was accepted. */
  statement?: Statement
  /** By which that statement counts as the miner's, where a node signed it for the miner. */
  delegation?: Delegation
  /** All statements that came with the claim and with the result, each with a valid signature, and who signed it. */
  statements?: SignedStatement[]
  /** Those of them whose own time is more than five minutes ahead of this node's clock. Nothing is decided by it. */
  futureStatements?: SignedStatement[]
  /** The miner to whom it belongs. */
  copiedFrom?: Address
  /** Digest over the content of the answer alone: equal for equal outputs of different miners. */
  content?: Hex
  /** The typed error behind any status but `ok`; of a failed fetch its `details.attempts` say who was asked. */
  error?: Error
  /** Milliseconds from the start of the check to this verdict. */
  elapsedMs: number
  /** The fetched result; absent when it could not be fetched. */
  result?: ResultBundle
}

/** Miners whose outputs agree. */
export interface Agreement {
  /** Content of the first answer in it, in the order of the claims. All have the same unless a function compared them. */
  content: Hex
  /** In the order of the claims, each once. */
  miners: Address[]
}

/**
 * Says how similar two answers are: a score, or whether they agree. It is asked once for each pair of different answers, `a`
 * being the one that was claimed before; equal ones agree unasked.
 */
export type CompareResults =
  (a: ResultBundle, b: ResultBundle, options: AbortOptions) => number | boolean | Promise<number | boolean>

/** What came of comparing two different answers. Without a score they do not agree. */
export interface Comparison {
  /** The contents of the two, in the order of the claims. */
  contents: [Hex, Hex]
  /** As the function gave it; 1 for `true` and 0 for `false`. */
  score?: number
  /** A sentence that says why there is no score: it threw, gave something else, or there was no time or room for it. */
  error?: string
}

/** All verdicts of a task, in the order of the claims, and who agrees with whom: the largest group first. */
export interface Verdicts {
  verdicts: Verdict[]
  /**
   * Only verdicts that are `ok` are grouped, and each is in one group. With a function that compares, an answer joins the first
   * group with all of whose answers it agrees, and begins one where there is none, in the order of the claims: so within a group
   * every two answers agree, however similarity may chain.
   */
  agreements: Agreement[]
  /** What the function said that compares, pair by pair; absent without one. */
  comparisons?: Comparison[]
}
