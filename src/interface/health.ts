import type { AnchorHealth } from './anchor.ts'
import type { Address } from './primitives.ts'
import type { ScrubPass } from './verify.ts'

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
  /** A warning is about what may go wrong; the node does its work. */
  severity: 'error' | 'warning'
  message: string
  advice: string
}

/** The state of a node in one object. */
export interface Health {
  /** True when no problem is an error. */
  ok: boolean
  problems: Problem[]
  address: Address
  peerId: string
  /** The wallet that it speaks for, else its own address. */
  account: Address
  /** Multiaddrs where this node can be dialled; empty when it opens no socket. */
  listening: string[]
  routers: RouterHealth[]
  /** Open connections. */
  connections: number
  disk: DiskHealth
  /** How far the audit trail is anchored; absent when this node has no anchor. */
  anchor?: AnchorHealth
}

/** What bundles take. */
export interface DiskShare {
  bundles: number
  /** Bytes of their blocks, shared ones counted once. */
  bytes: number
  /** Their files; one that several bundles have is counted for each. */
  files: number
}

/** The repository as this node sees it. */
export interface DiskHealth {
  /** Directory of the repository, or `:memory:`. */
  repository: string
  /** Such as `ext4`; `memory` for a repository that is none on disk, `other` where it is not known. */
  fileSystem: string
  /** What stays: held, or embargoed. */
  held: DiskShare
  /** What goes when room is needed. */
  cached: DiskShare
  /** Bytes of blocks of bundles that are being fetched, or that an interrupted fetch left: those go first when room is needed. */
  partialBytes: number
  /** All files, with what is being written, and what is set aside. */
  used: { bytes: number, files: number }
  /** Bytes of `used` and beyond that no bundle can have: for the index, and for what frees other bytes. */
  reservedBytes: number
  /** The quota. */
  limit: { bytes: number, files: number }
  /** Blocks that are known to be damaged: they are fetched again where somebody has them. */
  damagedBlocks: number
  /** When everything was last read and hashed in the background; absent when that never happened. */
  lastScrub?: ScrubPass
}
