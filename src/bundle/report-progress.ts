import type { DataNodeProgress, ProgressOptions } from '../interface/progress.ts'

/** Tells the host what happened. What its callback throws is the host's own affair and stops nothing. */
export function reportProgress ({ onProgress }: ProgressOptions, event: DataNodeProgress): void {
  try {
    onProgress?.(event)
  } catch {
    // The contract of `onProgress` says so.
  }
}
