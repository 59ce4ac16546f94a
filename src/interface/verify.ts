import type { AbortOptions } from './primitives.ts'

/** A block that is not, or not any more, what its CID says. */
export interface DamagedBlock {
  cid: string
  /** The file in which it should be. */
  path: string
  /** Roots of the bundles that it belongs to. */
  bundles: string[]
  /** True when it was fetched again, and is whole. Only where others are asked. */
  healed?: boolean
}

/** How far checking the repository has come. */
export interface VerifyProgress {
  blocksDone: number
  blocksTotal: number
  bytesDone: number
  damaged: number
}

/** How to check what is stored. */
export interface VerifyBlocksOptions extends AbortOptions {
  /** Called synchronously; what it throws is ignored. */
  onProgress?: ((progress: VerifyProgress) => void) | undefined
  /** Reads no faster than this. */
  bytesPerSecond?: number | undefined
}

/** What was found when everything was read and hashed again. */
export interface VerifyReport {
  bundles: number
  blocks: number
  bytes: number
  damaged: DamagedBlock[]
}

/** One pass over everything that is stored. */
export interface ScrubPass {
  /** Milliseconds since 1970. */
  endedAt: number
  blocks: number
  bytes: number
  /** Blocks that were damaged. */
  damaged: number
}
