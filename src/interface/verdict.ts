import type { ResultBundle } from './bundle.ts'
import type { Address, Digest, Hex, Reference } from './primitives.ts'
import type { Statement } from './statement.ts'

/** What a miner is said to have answered: where, and the hash that it committed to before. */
export interface Claim {
  miner: Address
  ref: Reference
  /** The 32 bytes of the precommit. By default the digest of the root; see {@link VerifyOptions.hashOf}. */
  hash?: Hex
  /** A statement that travelled with the claim. */
  statement?: Statement
}

/** How one claim stands. */
export type VerdictStatus =
  | 'ok'
  /** Complete and well formed, but no statement of the miner was found. */
  | 'unsigned'
  /** Not fetched before the deadline: nobody who was asked had it. */
  | 'unavailable'
  /** The hash of what was delivered is not the one that was committed to. */
  | 'mismatch'
  /** A statement exists, and another address than the miner's signed it. */
  | 'wrong-signer'
  /** A result of another task. */
  | 'wrong-task'
  /** Not a result bundle. */
  | 'malformed'
  /** The reference or the manifest belongs to another miner. */
  | 'copied'

/** One claim, judged. */
export interface Verdict {
  miner: Address
  /** The reference as claimed. */
  ref: string
  status: VerdictStatus
  /** A sentence that says why. */
  reason: string
  digest?: Digest
  /** Both hashes of a mismatch. */
  expected?: Hex
  actual?: Hex
  statement?: Statement
  /** Digest over the content of the answer alone: equal for equal outputs of different miners. */
  content?: Hex
  /** Milliseconds from the start of the check to this verdict. */
  elapsedMs: number
  /** The fetched result; absent when it could not be fetched. */
  result?: ResultBundle
}

/** Miners whose outputs are equal. */
export interface Agreement {
  content: Hex
  miners: Address[]
}

/** All verdicts of a task, in the order of the claims, and who agrees with whom: the largest group first. */
export interface Verdicts {
  verdicts: Verdict[]
  /** Only verdicts that are `ok` are grouped. */
  agreements: Agreement[]
}
