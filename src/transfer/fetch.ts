import { DataNodeError, RefusedError, StoppedError, TimedOutError } from '../errors.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import { dialTimeoutMs, providersMax, statementsMax } from '../limits.ts'
import { fetchError, outcomeOf } from './attempts.ts'
import { askByBitswap } from './bitswap-turn.ts'
import { withDeadline } from './deadline.ts'
import { FetchProgress } from './fetch-progress.ts'
import { Frontier } from './frontier.ts'
import { StreamPool } from './stream-pool.ts'
import { askByStream } from './stream-turn.ts'
import type { CID } from 'multiformats/cid'
import type { DagHeader } from '../format/messages.ts'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../interface/network.ts'
import type { Access } from '../interface/statement.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag, ProviderAttempt, Transfer } from '../interface/transfer.ts'
import type { EndedAttempt } from './attempts.ts'
import type { ProviderTurn } from './provider-turn.ts'

/** What fetching needs. */
export interface TransferComponents {
  network: Pick<Network, 'connect' | 'routerPeers' | 'onRouter' | 'openStream' | 'bitswap' | 'onDisconnect'>
  log: Logger
  /** Milliseconds from any start, never going back. */
  now?: () => number
}

/** Makes the fetching side of transfers. */
export function createTransfer (components: TransferComponents): Transfer {
  return new DagTransfer(components)
}

class DagTransfer implements Transfer {
  readonly #components: Required<TransferComponents>
  readonly #pool: StreamPool
  readonly #running = new Map<AbortController, Promise<unknown>>()
  #stopped = false

  constructor ({ network, log, now = () => performance.now() }: TransferComponents) {
    this.#components = { network, log, now }
    this.#pool = new StreamPool(network)
    network.onRouter((peer) => { this.expect(peer) })
  }

  expect (peer: ConnectedPeer): void {
    void this.#pool.prepare(peer)
  }

  async fetchDag (root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions): Promise<FetchedDag> {
    options.signal?.throwIfAborted()
    if (this.#stopped) throw new StoppedError('The node was stopped')
    checkBlockCid(root)
    const controller = new AbortController()
    const onAbort = (): void => { controller.abort(options.signal?.reason) }
    options.signal?.addEventListener('abort', onAbort, { once: true })
    const fetching = new DagFetch(root, into, options, this.#components, this.#pool, controller.signal).run()
    this.#running.set(controller, fetching.catch(() => {}))
    try {
      return await fetching
    } catch (error) {
      controller.signal.throwIfAborted()
      throw error
    } finally {
      options.signal?.removeEventListener('abort', onAbort)
      this.#running.delete(controller)
    }
  }

  async stop (): Promise<void> {
    this.#stopped = true
    for (const controller of this.#running.keys()) controller.abort(new StoppedError('The node was stopped'))
    await Promise.all(this.#running.values())
    this.#pool.stop()
  }
}

/** One fetch: asks one provider after the other until nothing is missing. */
class DagFetch {
  readonly #options: FetchDagOptions
  readonly #components: Required<TransferComponents>
  readonly #pool: StreamPool
  readonly #signal: AbortSignal
  readonly #frontier: Frontier
  readonly #progress: FetchProgress
  readonly #attempts: EndedAttempt[] = []
  readonly #statements: Uint8Array[] = []
  #access: Access | undefined

  constructor (root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions, components: Required<TransferComponents>,
    pool: StreamPool, signal: AbortSignal) {
    this.#options = options
    this.#components = components
    this.#pool = pool
    this.#signal = signal
    this.#frontier = new Frontier(root, into, options, signal)
    this.#progress = new FetchProgress(options, components.now)
  }

  /** When it rejects, nothing is being put any more. */
  async run (): Promise<FetchedDag> {
    try {
      await this.#frontier.start()
      const provider = this.#frontier.expected === undefined ? '' : await this.#askAll()
      await this.#frontier.settled()
      return this.#result(provider)
    } catch (error) {
      await this.#frontier.idle()
      throw error
    }
  }

  /** Resolves with the provider that sent the last block that was missing. */
  async #askAll (): Promise<string> {
    const asked = new Set<string>()
    for (const candidate of this.#candidates()) {
      this.#signal.throwIfAborted()
      const startedAt = this.#components.now()
      const peer = await this.#connect(candidate, startedAt)
      if (peer === undefined || asked.has(peer.peerId)) continue
      asked.add(peer.peerId)
      await this.#ask(peer, startedAt)
      if (this.#frontier.expected === undefined) return peer.peerId
    }
    throw fetchError(this.#frontier.root, this.#attempts)
  }

  /** Routers are looked up last, because they come and go while others are asked. */
  * #candidates (): Generator<RouterPeer> {
    const { network } = this.#components
    for (const name of this.#options.providers.slice(0, providersMax)) {
      yield { name, connect: options => network.connect(name, options) }
    }
    yield* network.routerPeers()
  }

  async #connect (candidate: RouterPeer, startedAt: number): Promise<ConnectedPeer | undefined> {
    const { name } = candidate
    const timedOut = (): Error => new TimedOutError(`${name} could not be reached within ${dialTimeoutMs} ms`, { peer: name })
    try {
      return await withDeadline(dialTimeoutMs, this.#signal, timedOut, signal => candidate.connect({ signal }))
    } catch (error) {
      this.#signal.throwIfAborted()
      if (!(error instanceof DataNodeError) || error instanceof StoppedError) throw error
      this.#note(name, 'unreachable', error, { startedAt, bytes: 0 })
      return undefined
    }
  }

  /** Every way in which a provider can fail becomes an attempt; what is about this node or the DAG itself is thrown. */
  async #ask (peer: ConnectedPeer, startedAt: number): Promise<void> {
    const bytesBefore = this.#frontier.bytes
    try {
      await this.#askEitherWay(peer, this.#turnOf(peer))
    } catch (error) {
      this.#signal.throwIfAborted()
      const outcome = outcomeOf(error)
      if (outcome === undefined || !(error instanceof DataNodeError)) throw error
      this.#note(peer.peerId, outcome, error, { startedAt, bytes: this.#frontier.bytes - bytesBefore })
      return
    }
    const bytes = this.#frontier.bytes - bytesBefore
    const elapsedMs = this.#components.now() - startedAt
    this.#attempts.push({ attempt: { provider: peer.peerId, outcome: 'ok', reason: `sent ${bytes} bytes`, bytes, elapsedMs } })
  }

  async #askEitherWay (peer: ConnectedPeer, turn: ProviderTurn): Promise<void> {
    this.#progress.asking(peer.peerId, 'dag')
    try {
      await askByStream(this.#pool, peer, turn)
    } catch (error) {
      if (!isOtherProtocol(error)) throw error
      this.#progress.asking(peer.peerId, 'bitswap')
      await askByBitswap(this.#components.network, peer, turn)
    }
  }

  #turnOf (peer: ConnectedPeer): ProviderTurn {
    const { bytesMax, stallTimeoutMs } = this.#options
    return {
      frontier: this.#frontier,
      bytesMax,
      stallTimeoutMs,
      signal: this.#signal,
      onHeader: (header) => { this.#takeHeader(header) },
      onBlocks: () => { this.#progress.received(peer.peerId, this.#frontier.bytes) }
    }
  }

  /** Of several providers, each may know statements that the others do not; one that says `restricted` is believed. */
  #takeHeader ({ size, access = 'restricted', statements = [] }: DagHeader): void {
    this.#access = this.#access === 'restricted' ? 'restricted' : access
    if (this.#frontier.isWhole) this.#progress.announced(size)
    for (const statement of statements) {
      const isKnown = this.#statements.some(known => Buffer.compare(known, statement) === 0)
      if (!isKnown && this.#statements.length < statementsMax) this.#statements.push(statement)
    }
  }

  #note (provider: string, outcome: ProviderAttempt['outcome'], error: DataNodeError, { startedAt, bytes }:
  { startedAt: number, bytes: number }): void {
    const attempt = { provider, outcome, reason: error.message, bytes, elapsedMs: this.#components.now() - startedAt }
    this.#attempts.push({ attempt, error })
    this.#progress.failed(provider, error.message)
    this.#components.log(`fetch: ${this.#frontier.root.toString()} from ${provider}: ${outcome}: ${error.message}`)
  }

  #result (provider: string): FetchedDag {
    return {
      access: this.#access ?? 'restricted',
      statements: this.#statements,
      bytes: this.#frontier.bytes,
      provider,
      attempts: this.#attempts.map(({ attempt }) => attempt)
    }
  }
}

/** Only the network says this, and only when the peer does not have the protocol at all. */
function isOtherProtocol (error: unknown): boolean {
  return error instanceof RefusedError && error.details['status'] === undefined
}
