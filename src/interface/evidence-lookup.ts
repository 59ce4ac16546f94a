import type { CID } from 'multiformats/cid'
import type { Anchor, AnchoredCheckpoint, AnchorReceipt } from './anchor.ts'
import type { SignedDelegation } from './delegation.ts'
import type { EvidenceLog, LogProof } from './evidence.ts'
import type { AbortOptions, Address } from './primitives.ts'
import type { Statement } from './statement.ts'
import type { TaskReference } from './task.ts'

/** What a node asks another one about the evidence on a task. */
export interface EvidenceQuestion {
  task: TaskReference
  /** Only evidence that counts as this address's: a node, or a wallet for which one speaks. */
  signer?: Address
}

/** How it is answered. What nobody may read is left out, and an answer without statements does not say why. */
export type EvidenceStatus = 'unknown' | 'ok' | 'busy' | 'bad-request'

/** What is said of the evidence on a task, in bytes that nobody has checked. */
export interface EvidenceAnswer {
  status: EvidenceStatus
  /** Each as `statement.ts` of `format/` writes it. */
  statements: readonly Uint8Array[]
  /** Of wallets for which their signers speak, each as `delegation.ts` of `format/` writes it. */
  delegations: readonly Uint8Array[]
  retryAfterMs?: number
}

/** Where to look for the evidence on a task. */
export interface EvidenceForOptions extends AbortOptions {
  /**
   * Whose evidence: the oracle's node, or the wallet for which it speaks. It is asked when it is connected, and its trail is
   * looked at. Without it everybody's is found, and anybody can sign some.
   */
  oracle?: Address
  /** Who to ask first: addresses or peer ids of connected nodes, or multiaddrs. Routers are asked too. */
  providers?: readonly string[]
  /** Where the checkpoints of proofs are looked up. Without them nobody is asked. */
  anchors?: readonly Anchor[]
}

/** That a log has a statement. It goes into `proofs` of `exportEvidence` as it is. */
export interface EvidenceInclusion extends LogProof {
  log: EvidenceLog
}

/** Evidence on a task, as far as it was found. That it is right is what `verifyEvidence` says, of its file. */
export interface FoundEvidence {
  /** What `open` and `fetch…` take. */
  urn: string
  cid: CID
  /** The node that signed it, and the wallets for which it spoke then. */
  signer: Address
  wallets: readonly Address[]
  statement: Statement
  delegations: readonly SignedDelegation[]
  /** Peer ids of those who know of it: `providers` of a fetch. None when it is stored here. */
  providers: readonly string[]
  /**
   * That the signer's own log has it, under the newest checkpoint that was seen. Absent where that is not proven: the log was
   * never seen here, or not far enough.
   */
  inclusion?: EvidenceInclusion
  /**
   * Where this very checkpoint is anchored. None where no anchor was given, where none could say, and where the log has grown
   * since it was anchored last.
   */
  receipts: readonly AnchorReceipt[]
  /**
   * The newest anchored checkpoint of that log that commits to it, among its last few sizes: what was read of the log leads to
   * it. Absent where none was found. Only that of `inclusion` can be handed on in a file.
   */
  anchored?: AnchoredCheckpoint
}
