import { joinSaid } from '../format/said-of-root.ts'
import type { DataNodeError } from '../errors.ts'
import type { CID } from 'multiformats/cid'
import type { DagHeader } from '../format/messages.ts'
import type { Logger } from '../interface/data-node.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import type { FetchDagOptions, FetchedDag, ProviderAttempt } from '../interface/transfer.ts'
import type { EndedAttempt } from './attempts.ts'
import type { FetchProgress } from './fetch-progress.ts'
import type { Provider } from './provider.ts'

/** Whom a report tells what. */
export interface FetchReportInit extends Pick<FetchDagOptions, 'onSaid'> {
  progress: FetchProgress
  log: Logger
}

/** What is said of a fetch, while it goes on and at its end. */
export class FetchReport {
  readonly #root: CID
  readonly #progress: FetchProgress
  readonly #log: Logger
  readonly #onSaid: FetchDagOptions['onSaid']
  #said: SaidOfRoot | undefined
  #lastProvider = ''

  constructor (root: CID, { progress, log, onSaid }: FetchReportInit) {
    this.#root = root
    this.#progress = progress
    this.#log = log
    this.#onSaid = onSaid
  }

  asking ({ name }: Provider, protocol: 'dag' | 'bitswap' | 'http'): void {
    this.#progress.asking(name, protocol)
  }

  /** Of several providers, each may know statements that the others do not; one that says `restricted` is believed. */
  answered ({ size, access = 'restricted', statements = [], delegations }: DagHeader, isWhole: boolean): void {
    const said = { access, statements, delegations }
    this.#said = this.#said === undefined ? joinSaid(said, undefined) : joinSaid(this.#said, said)
    if (isWhole) this.#progress.announced(size)
    this.#onSaid?.(this.#said)
  }

  received ({ name }: Provider, bytes: number): void {
    this.#lastProvider = name
    this.#progress.received(name, bytes)
  }

  failed (provider: Provider, outcome: ProviderAttempt['outcome'], error: DataNodeError): void {
    provider.fail(outcome, error)
    this.#progress.failed(provider.name, error.message)
    this.#log(`fetch: ${this.#root.toString()} from ${provider.name}: ${outcome}: ${error.message}`)
  }

  /** What became of each provider that failed or sent something. */
  ended (providers: readonly Provider[]): EndedAttempt[] {
    return providers.map(provider => provider.report()).filter(attempt => attempt !== undefined)
  }

  result (bytes: number, providers: readonly Provider[]): FetchedDag {
    return {
      ...this.#said ?? { access: 'restricted', statements: [] },
      bytes,
      provider: this.#lastProvider,
      attempts: this.ended(providers).map(({ attempt }) => attempt)
    }
  }
}
