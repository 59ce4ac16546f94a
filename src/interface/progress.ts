/** What a transfer or publish has done so far. */
export interface ProgressSummary {
  bytesDone: number
  /** Those of them that were there before, from an earlier fetch that did not come to its end, or from what was read of it. */
  bytesThere: number
  /** Absent while it is not known. */
  bytesTotal?: number
  bytesPerSecond: number
  /** Peer ids of those who sent something. */
  providers: readonly string[]
}

/** How far reading or writing a CAR has come. */
export interface CarProgress {
  blocksDone: number
  /** On import bytes of the CAR, on export bytes of the blocks in it. */
  bytesDone: number
  /** Absent while it is not known. */
  bytesTotal?: number
}

/** Typed events in the manner of `progress-events`: what happened, and the state after it. */
export type DataNodeProgress =
  | { type: 'datanode:publish:file', detail: { path: string, bytes: number } }
  | { type: 'datanode:fetch:provider', detail: { provider: string, protocol: 'dag' | 'bitswap' | 'http' } }
  | { type: 'datanode:fetch:failed', detail: { provider: string, reason: string } }
  | { type: 'datanode:fetch:progress', detail: ProgressSummary }
  | { type: 'datanode:import:progress', detail: CarProgress }
  | { type: 'datanode:export:progress', detail: CarProgress }
  | { type: 'datanode:save:file', detail: { path: string, bytes: number } }

/** Options of calls that report progress. */
export interface ProgressOptions {
  /** Called synchronously; what it throws is ignored. */
  onProgress?: ((event: DataNodeProgress) => void) | undefined
}
