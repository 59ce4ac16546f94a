import type { Address } from './primitives.ts'

/** A router as this node sees it. */
export interface RouterHealth {
  /** As it was given to `createDataNode`. */
  router: string
  state: 'connected' | 'connecting' | 'waiting'
  /** Known once it was connected. */
  address?: Address
  peerId?: string
  /** Last measured round trip. */
  rttMs?: number
  /** Why the last attempt failed. */
  lastError?: string
  /** Milliseconds until the next attempt. */
  retryInMs?: number
}

/** Something that is wrong, and what to do about it. */
export interface Problem {
  code: string
  message: string
  advice: string
}

/** The state of a node in one object. */
export interface Health {
  /** True when there is no problem. */
  ok: boolean
  problems: Problem[]
  address: Address
  peerId: string
  /** Multiaddrs where this node can be dialled; empty when it opens no socket. */
  listening: string[]
  routers: RouterHealth[]
  /** Open connections. */
  connections: number
  disk: {
    /** Directory of the repository, or `:memory:`. */
    repository: string
    bundles: number
    /** Bytes of all blocks, shared ones counted once. */
    bytes: number
    heldBytes: number
  }
}
