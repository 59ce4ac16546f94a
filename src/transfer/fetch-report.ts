import { statementsMax } from '../limits.ts'
import type { DataNodeError } from '../errors.ts'
import type { CID } from 'multiformats/cid'
import type { DagHeader } from '../format/messages.ts'
import type { Logger } from '../interface/data-node.ts'
import type { Access } from '../interface/statement.ts'
import type { FetchedDag, ProviderAttempt } from '../interface/transfer.ts'
import type { EndedAttempt } from './attempts.ts'
import type { FetchProgress } from './fetch-progress.ts'
import type { Provider } from './provider.ts'

/** What is said of a fetch, while it goes on and at its end. */
export class FetchReport {
  readonly #root: CID
  readonly #progress: FetchProgress
  readonly #log: Logger
  readonly #statements: Uint8Array[] = []
  #access: Access | undefined
  #lastProvider = ''

  constructor (root: CID, { progress, log }: { progress: FetchProgress, log: Logger }) {
    this.#root = root
    this.#progress = progress
    this.#log = log
  }

  asking ({ name }: Provider, protocol: 'dag' | 'bitswap' | 'http'): void {
    this.#progress.asking(name, protocol)
  }

  /** Of several providers, each may know statements that the others do not; one that says `restricted` is believed. */
  answered ({ size, access = 'restricted', statements = [] }: DagHeader, isWhole: boolean): void {
    this.#access = this.#access === 'restricted' ? 'restricted' : access
    if (isWhole) this.#progress.announced(size)
    for (const statement of statements) {
      const isKnown = this.#statements.some(known => Buffer.compare(known, statement) === 0)
      if (!isKnown && this.#statements.length < statementsMax) this.#statements.push(statement)
    }
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
      access: this.#access ?? 'restricted',
      statements: this.#statements,
      bytes,
      provider: this.#lastProvider,
      attempts: this.ended(providers).map(({ attempt }) => attempt)
    }
  }
}
