import type { Address, Uint256 } from './primitives.ts'

/** A network session: what a router opened on a session queue contract. */
export interface NetworkSession {
  chainId: Uint256
  /** Address of the session queue contract. */
  queue: Address
  sessionId: Uint256
}

/** The network's own name for a task. Task ids count from `0` in each network session. */
export interface TaskReference extends NetworkSession {
  taskId: Uint256
}
