import type { CID } from 'multiformats/cid'
import type { PartialBundle } from '../interface/store.ts'
import type { SpaceAmount } from './space-request.ts'

/** Bundles that are not whole yet: those that are fetched or read now, and those that are left on disk. */
export interface PartialRegistry {
  /** Bytes of all that are on disk. */
  readonly bytes: number
  /** Bytes of those that may go. */
  readonly evictableBytes: number
  /** For one more user. */
  take(root: CID): PartialBundle
  /** Says that a bundle is stored now. Gives what was there of it before, to be forgotten. */
  listed(root: string): { forget(): Promise<SpaceAmount> } | undefined
  /** Takes up what an earlier process left, and says which marks are of no use; they may go when what they are about has gone. */
  load(): Promise<{ marks: number, useless: string[] }>
  /** Removes marks of which nothing is left. */
  sweep(useless: readonly string[]): Promise<void>
  /** Removes the one that was used least recently, and says what is gone. Undefined when none may go. */
  evictOldest(): Promise<SpaceAmount | undefined>
  /** Removes those that nobody has used for too long. */
  expire(): Promise<void>
  /** Ends for all users; what is on disk stays. */
  close(): Promise<void>
}
