import type { DataNodeProgress, ProgressOptions } from '../interface/progress.ts'

/** Tells the caller how a fetch goes. */
export class FetchProgress {
  readonly #onProgress: ProgressOptions['onProgress']
  readonly #now: () => number
  readonly #startedAt: number
  readonly #providers = new Set<string>()
  #bytesTotal: number | undefined

  constructor ({ onProgress }: ProgressOptions, now: () => number) {
    this.#onProgress = onProgress
    this.#now = now
    this.#startedAt = now()
  }

  asking (provider: string, protocol: 'dag' | 'bitswap'): void {
    this.#tell({ type: 'datanode:fetch:provider', detail: { provider, protocol } })
  }

  announced (bytesTotal: number | undefined): void {
    this.#bytesTotal = bytesTotal
  }

  failed (provider: string, reason: string): void {
    this.#tell({ type: 'datanode:fetch:failed', detail: { provider, reason } })
  }

  received (provider: string, bytesDone: number): void {
    this.#providers.add(provider)
    const seconds = (this.#now() - this.#startedAt) / 1000
    this.#tell({
      type: 'datanode:fetch:progress',
      detail: {
        bytesDone,
        ...(this.#bytesTotal === undefined ? {} : { bytesTotal: this.#bytesTotal }),
        bytesPerSecond: seconds > 0 ? Math.round(bytesDone / seconds) : 0,
        providers: [...this.#providers]
      }
    })
  }

  #tell (event: DataNodeProgress): void {
    try {
      this.#onProgress?.(event)
    } catch {
      // The caller's display is no reason to break off a transfer.
    }
  }
}
