import type { Digest, Hex, Uint256 } from './primitives.ts'
import type { TaskReference } from './task.ts'

/** Who may fetch a bundle, as its publisher intended it when the statement was made. */
export type Access = 'anyone' | 'restricted'

/** What a publisher says about a root, before it is signed. */
export interface StatementBody {
  /** The kind of the bundle's manifest. */
  kind: string
  root: Digest
  /** Digest of the root that this one answers or follows, or 32 zero bytes. */
  answers: Digest
  /** The task that the bundle belongs to, when it is known. */
  task?: TaskReference
  access: Access
  /** 32 random bytes, so that the statement's digest hides the rest. */
  salt: Hex
  /** Seconds since 1970, as claimed by the signer. */
  time: Uint256
}

/** A node's signed word that it published a root. */
export interface Statement extends StatementBody {
  /** 65 bytes: r, s (low), v (27 or 28). */
  signature: Hex
}

/** What providers say of a root beside its blocks. */
export interface SaidOfRoot {
  access: Access
  /** Statements as the provider sent them: JSON bytes, unchecked. */
  statements: readonly Uint8Array[]
  /** Delegations of wallets as whose these count, in the same way. */
  delegations?: readonly Uint8Array[] | undefined
}
