import type { TreeHead } from './merkle.ts'
import type { AbortOptions, Digest, Hex, Uint256 } from './primitives.ts'

/** Where and when 32 bytes were written for everybody to see. */
export interface AnchorReceipt {
  /** The 32 bytes: of a checkpoint, the SHA-256 of its text. */
  digest: Digest
  /** Which anchor has them, as {@link Anchor.id} says it. */
  anchor: string
  /** The block since which they are there, and its own time in seconds since 1970. */
  blockNumber: Uint256
  blockHash: Hex
  time: Uint256
  /** The transaction that wrote them, and the gas that it used, where they are known. */
  transaction?: Hex
  gasUsed?: Uint256
}

/** A place where 32 bytes are written once, with a time that nobody chooses, and found again by anyone. */
export interface Anchor {
  /** Names the place for whoever checks: `eip155:<chain id>:<contract>` (CAIP-10) on an EVM chain. */
  readonly id: string
  /**
   * Writes what is not there yet, and resolves when it is as deep as the anchor promises. Writing the same again costs nothing.
   *
   * @returns a receipt for each, in the order of `digests`
   * @throws AnchorError when it cannot be written now; it may be tried again
   */
  write(digests: readonly Digest[], options?: AbortOptions): Promise<AnchorReceipt[]>
  /**
   * Finds what was written before, by anyone.
   *
   * @throws AnchorError when nobody answers
   */
  read(digest: Digest, options?: AbortOptions): Promise<AnchorReceipt | undefined>
}

/** A checkpoint of a trail that is anchored: `receipt.digest` is the SHA-256 of its text. */
export interface AnchoredCheckpoint extends TreeHead {
  receipt: AnchorReceipt
}

/** How far the trail of a node is anchored. */
export interface AnchorHealth {
  /** {@link Anchor.id}. */
  anchor: string
  /** Entries of the newest anchored checkpoint, and the time of its block in seconds since 1970; absent when there is none. */
  size?: number
  time?: Uint256
  /** Why the last attempt failed, and milliseconds until the next one; absent when it did not. */
  lastError?: string
  retryInMs?: number
}
