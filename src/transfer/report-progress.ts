import type { DataNodeProgress } from '../interface/progress.ts'

/** Tells the host what happened. What its callback throws is the host's own affair and stops nothing. */
export function reportProgress (
  { onProgress }: { onProgress?: ((event: DataNodeProgress) => unknown) | undefined }, event: DataNodeProgress
): void {
  try {
    const shown = onProgress?.(event)
    if (shown instanceof Promise) shown.catch(() => {})
  } catch {
    // The host's display is no reason to break off the work.
  }
}
