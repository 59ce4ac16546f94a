import { StoppedError } from '../errors.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import { confirmRoot } from './confirm.ts'
import { DagFetch } from './dag-fetch.ts'
import { RateLimit } from './rate-limit.ts'
import { ReaderCheck } from './readers.ts'
import { showDelegation } from './show-delegation.ts'
import { StreamPool } from './stream-pool.ts'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { Offer } from '../interface/offer.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { ConfirmRootOptions, FetchDagOptions, FetchedDag, MayRead, Transfer } from '../interface/transfer.ts'
import type { ConfirmComponents } from './confirm.ts'
import type { HttpFetch } from './http-request.ts'
import type { ProviderSetComponents } from './provider-set.ts'

/** What fetching needs. */
export interface TransferComponents {
  network: Pick<Network, 'find' | 'connect' | 'routerPeers' | 'onRouter' | 'openStream' | 'bitswap' | 'onDisconnect'>
  log: Logger
  /** Milliseconds from any start, never going back. */
  now?: () => number
  /** For jitter: at least 0 and less than 1. */
  random?: () => number
  /** Bytes a second that all fetches may bring together; as many as they can when absent. */
  downloadBytesPerSecond?: number | undefined
  /** By default the global one. */
  fetch?: HttpFetch
  /** Says which routers may read what is to be confirmed. */
  mayRead?: MayRead
  /** Delegation by which this node speaks for a wallet, as JSON bytes: shown to whoever is asked. */
  delegation?: Uint8Array | undefined
}

/** Makes the fetching side of transfers. */
export function createTransfer (components: TransferComponents): Transfer {
  return new DagTransfer(components)
}

class DagTransfer implements Transfer {
  readonly #components: ProviderSetComponents
  readonly #confirming: ConfirmComponents
  readonly #pool: StreamPool
  readonly #running = new Map<AbortController, Promise<unknown>>()
  readonly #delegation: Uint8Array | undefined
  readonly #ended = new AbortController()
  #stopped = false

  constructor (components: TransferComponents) {
    const { network, log, now = () => performance.now(), random = Math.random, downloadBytesPerSecond } = components
    const { fetch = globalThis.fetch, mayRead = new ReaderCheck({ log }).mayRead, delegation } = components
    this.#confirming = { network, random, mayRead }
    this.#pool = new StreamPool(network, { show: delegation })
    this.#delegation = delegation
    const download = downloadBytesPerSecond === undefined ? undefined : new RateLimit(downloadBytesPerSecond, { now })
    this.#components = { network, log, now, pool: this.#pool, fetches: () => this.#running.size, download, fetch }
    network.onRouter((peer) => {
      this.expect(peer)
      if (delegation !== undefined) void showDelegation(this.#pool, peer, this.#ended.signal)
    })
  }

  expect (peer: ConnectedPeer): void {
    void this.#pool.prepare(peer)
  }

  async fetchDag (root: CID, into: BlockReader & BlockWriter, options: FetchDagOptions): Promise<FetchedDag> {
    return await this.#run(options, async signal => {
      checkBlockCid(root)
      const components = options.asksRouters === false ? withoutRouters(this.#components) : this.#components
      return await new DagFetch(root, into, options, components, signal).run()
    })
  }

  async confirm (offered: Offer, options: ConfirmRootOptions): Promise<readonly Address[]> {
    const shown = this.#delegation === undefined ? {} : { delegation: this.#delegation }
    return await this.#run(options, async signal =>
      await confirmRoot(this.#confirming, { ...offered, ...shown }, { ...options, signal }))
  }

  async stop (): Promise<void> {
    this.#stopped = true
    this.#ended.abort(new StoppedError('The node was stopped'))
    for (const controller of this.#running.keys()) controller.abort(new StoppedError('The node was stopped'))
    await Promise.all(this.#running.values())
    this.#pool.stop()
  }

  /** Runs a call that ends with its signal, or when this node stops. */
  async #run<T> ({ signal }: AbortOptions, call: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted()
    if (this.#stopped) throw new StoppedError('The node was stopped')
    const controller = new AbortController()
    const onAbort = (): void => { controller.abort(signal?.reason) }
    signal?.addEventListener('abort', onAbort, { once: true })
    const running = call(controller.signal)
    this.#running.set(controller, running.catch(() => {}))
    try {
      return await running
    } catch (error) {
      controller.signal.throwIfAborted()
      throw error
    } finally {
      signal?.removeEventListener('abort', onAbort)
      this.#running.delete(controller)
    }
  }
}

function withoutRouters (components: ProviderSetComponents): ProviderSetComponents {
  const { network } = components
  return {
    ...components,
    network: {
      find: peer => network.find(peer),
      connect: (peer, options) => network.connect(peer, options),
      bitswap: (root, peers) => network.bitswap(root, peers),
      routerPeers: () => []
    }
  }
}
