import { reportProgress } from './report-progress.ts'
import type { DataNodeProgress, ProgressOptions } from '../interface/progress.ts'

/** Whom to tell, and what was there before. */
export interface FetchProgressOptions extends ProgressOptions {
  /** Bytes of blocks. */
  bytesThere?: number | undefined
}

/** Tells the caller how a fetch goes. */
export class FetchProgress {
  readonly #options: FetchProgressOptions
  readonly #now: () => number
  readonly #startedAt: number
  readonly #providers = new Set<string>()
  #bytesTotal: number | undefined

  constructor (options: FetchProgressOptions, now: () => number) {
    this.#options = options
    this.#now = now
    this.#startedAt = now()
  }

  asking (provider: string, protocol: 'dag' | 'bitswap' | 'http'): void {
    this.#tell({ type: 'datanode:fetch:provider', detail: { provider, protocol } })
  }

  announced (bytesTotal: number | undefined): void {
    this.#bytesTotal = bytesTotal
  }

  failed (provider: string, reason: string): void {
    this.#tell({ type: 'datanode:fetch:failed', detail: { provider, reason } })
  }

  received (provider: string, bytes: number): void {
    this.#providers.add(provider)
    const seconds = (this.#now() - this.#startedAt) / 1000
    const { bytesThere = 0 } = this.#options
    this.#tell({
      type: 'datanode:fetch:progress',
      detail: {
        bytesDone: bytesThere + bytes,
        bytesThere,
        ...(this.#bytesTotal === undefined ? {} : { bytesTotal: this.#bytesTotal }),
        bytesPerSecond: seconds > 0 ? Math.round(bytes / seconds) : 0,
        providers: [...this.#providers]
      }
    })
  }

  #tell (event: DataNodeProgress): void {
    reportProgress(this.#options, event)
  }
}
