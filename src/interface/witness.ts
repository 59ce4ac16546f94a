import type { CID } from 'multiformats/cid'

/**
 * What a node says to a witness. A checkpoint is a seen checkpoint in its bytes, as `seen-checkpoint.ts` of `format/` writes it.
 */
export type WitnessRequest = WitnessQuestion | WitnessAddition

/** Asks for the newest checkpoint of a log. */
export interface WitnessQuestion {
  op: 'ask'
  /** Which log; the one of the node that is asked when absent. */
  origin?: string
  /** The newest one of that log that the asker has seen. */
  checkpoint?: Uint8Array
}

/** Hands in the newest checkpoint of the sender's own log. */
export interface WitnessAddition {
  op: 'add'
  checkpoint: Uint8Array
  /** Size of the checkpoint that the witness is thought to have; 0 when it is thought to have none. */
  oldSize: number
  /** That the tree begins with all of the one of `oldSize`: hashes of 32 bytes. */
  proof: readonly Uint8Array[]
}

/** How a witness answers. */
export type WitnessStatus = 'unknown' | 'ok' | 'not-found' | 'conflict' | 'inconsistent' | 'forbidden' | 'busy' | 'bad-request'

/** What a witness says. */
export interface WitnessAnswer {
  status: WitnessStatus
  /** Its clock, in milliseconds since 1970. */
  time: number
  /** The newest one that it has. */
  checkpoint?: Uint8Array
  /** Root of the bundle that has the log, where it is the witness's own. */
  trail?: CID
  retryAfterMs?: number
}
