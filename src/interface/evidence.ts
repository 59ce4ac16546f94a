import type { CID } from 'multiformats/cid'
import type { Anchor, AnchorReceipt } from './anchor.ts'
import type { Delegation } from './delegation.ts'
import type { TreeHead } from './merkle.ts'
import type { AbortOptions, Address, Digest, Hex } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { TaskReference } from './task.ts'
import type { Verdict } from './verdict.ts'

/**
 * How much of what evidence links is handed over with it: nothing, what the miners answered, or everything. Manifests, statements
 * and verdicts always are.
 */
export type ExportPayload = 'none' | 'outputs' | 'all'

/** That a log has the statement of the evidence, as {@link AuditTrail.proveInclusion} and {@link TrailCheckpoint} give it. */
export interface LogProof {
  /** A C2SP tlog-proof. */
  proof: Uint8Array
  /** The word of the log's node for the key that signed its checkpoint. */
  auditKey: Uint8Array
}

/** What to hand over. */
export interface ExportEvidenceOptions extends AbortOptions {
  /** By default `none`. */
  payload?: ExportPayload
  /**
   * Proofs of other logs that have the statement, or of this node's own at an earlier size. By default this node's own, when it
   * is this node that published the evidence: under the checkpoint of one of `receipts` that this node anchored, else under the
   * latest.
   */
  proofs?: readonly LogProof[]
  /** Where checkpoints of these proofs were anchored. */
  receipts?: readonly AnchorReceipt[]
}

/** What a claim of evidence is about. */
export type EvidenceClaimCode =
  /** The file is a CAR with the blocks that it says, each what its CID says, and no others. */
  | 'file'
  /** The directory that holds everything, and its manifest. */
  | 'envelope'
  /** Who published the evidence. */
  | 'statement'
  /** When, as whoever published it says. */
  | 'time'
  /** Whoever published it speaks for a wallet. */
  | 'delegation'
  /** The evidence is about one task, which it links. */
  | 'evidence'
  | 'task'
  /** A miner's signed result. */
  | 'result'
  /** What was said of a miner's claim. */
  | 'verdict'
  /** Whose answers agree. */
  | 'agreement'
  /** A log has the statement. */
  | 'inclusion'
  /** A checkpoint of the log was written where nobody chooses the time. */
  | 'anchor'

/** One thing that evidence claims, and how it stands. */
export interface EvidenceClaim {
  code: EvidenceClaimCode
  /** Whom it is about, or which root or digest. */
  subject: string
  /** `not-proven`: nothing in the file proves it, and nothing contradicts it. `refuted`: the file, or the chain, does. */
  holds: 'proven' | 'not-proven' | 'refuted'
  /** A sentence for people. */
  words: string
}

/** A verdict as it stands in evidence. */
export interface EvidenceVerdict extends
  Pick<Verdict, 'miner' | 'ref' | 'status' | 'reason' | 'digest' | 'expected' | 'actual' | 'copiedFrom' | 'content'> {}

/** A log that has the statement of the evidence. */
export interface EvidenceLog extends TreeHead {
  /** Address of its node. */
  address: Address
  /** Which of its logs. */
  origin: string
  /** Place of the statement in it. */
  index: number
  /** Of the checkpoint: what is anchored. */
  digest: Digest
}

/** What a file of evidence says, all of it checked as far as `claims` says. */
export interface VerifiedEvidence {
  /** True when nothing is refuted. Whether what is proven is enough is for the reader to say. */
  ok: boolean
  /** One sentence for each thing that was looked at, in the order of the chain of reasons. */
  claims: readonly EvidenceClaim[]
  /** Root of the evidence bundle. */
  cid: CID
  digest: Digest
  payload: ExportPayload
  task: TaskReference
  /** Root of the task bundle. */
  taskCid: CID
  /** Who published the evidence: compare it with the oracle that you trust. */
  signer: Address
  statement: Statement
  /** Wallets for which whoever published the evidence spoke when it signed: an oracle may be known by one of them. */
  wallets: readonly Address[]
  verdicts: readonly EvidenceVerdict[]
  agreements: readonly { content: Hex, miners: readonly Address[] }[]
  logs: readonly EvidenceLog[]
  receipts: readonly AnchorReceipt[]
  /** Of the file. */
  blocks: number
  bytes: number
}

/** How to verify evidence. */
export interface VerifyEvidenceOptions extends AbortOptions {
  /** Where receipts are looked up. Without them nobody is asked. */
  anchors?: readonly Anchor[]
  /**
   * Delegations that are known beside those in the file, such as a revocation: they count as if they were in it, so that what a
   * later one takes back is refuted.
   */
  delegations?: readonly (Delegation | Uint8Array | string)[]
}
