import type { Address, Hex, Uint256 } from './primitives.ts'

/** What a wallet says about a node, before it is signed. */
export interface DelegationBody {
  /** Address of the node that speaks for the wallet. */
  node: Address
  /** Seconds since 1970: what the node states later does not count as the wallet's; with 0, nothing that it states. */
  until: Uint256
  /** Seconds since 1970 when it is made: what the node stated before does not count, and of two the later one does. */
  time: Uint256
}

/** A wallet's signed word that a node speaks for it until a time. */
export interface Delegation extends DelegationBody {
  /** 65 bytes: r, s (low), v (27 or 28). */
  signature: Hex
}

/** A delegation, and the wallet that signed it. */
export interface SignedDelegation {
  delegation: Delegation
  wallet: Address
}
