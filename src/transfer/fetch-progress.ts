import { reportProgress } from './report-progress.ts'
import type { DataNodeProgress, ProgressOptions } from '../interface/progress.ts'

/** Tells the caller how a fetch goes. */
export class FetchProgress {
  readonly #options: ProgressOptions
  readonly #now: () => number
  readonly #startedAt: number
  readonly #providers = new Set<string>()
  #bytesTotal: number | undefined

  constructor (options: ProgressOptions, now: () => number) {
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
    reportProgress(this.#options, event)
  }
}
