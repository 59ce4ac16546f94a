import { StoppedError } from '../errors.ts'
import { checkBlockCid } from '../format/dag-links.ts'
import { DagFetch } from './dag-fetch.ts'
import { RateLimit } from './rate-limit.ts'
import { StreamPool } from './stream-pool.ts'
import type { CID } from 'multiformats/cid'
import type { Logger } from '../interface/data-node.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { BlockReader, BlockWriter } from '../interface/store.ts'
import type { FetchDagOptions, FetchedDag, Transfer } from '../interface/transfer.ts'
import type { HttpFetch } from './http-request.ts'
import type { ProviderSetComponents } from './provider-set.ts'

/** What fetching needs. */
export interface TransferComponents {
  network: Pick<Network, 'connect' | 'routerPeers' | 'onRouter' | 'openStream' | 'bitswap' | 'onDisconnect'>
  log: Logger
  /** Milliseconds from any start, never going back. */
  now?: () => number
  /** Bytes a second that all fetches may bring together; as many as they can when absent. */
  downloadBytesPerSecond?: number | undefined
  /** By default the global one. */
  fetch?: HttpFetch
}

/** Makes the fetching side of transfers. */
export function createTransfer (components: TransferComponents): Transfer {
  return new DagTransfer(components)
}

class DagTransfer implements Transfer {
  readonly #components: ProviderSetComponents
  readonly #pool: StreamPool
  readonly #running = new Map<AbortController, Promise<unknown>>()
  #stopped = false

  constructor (components: TransferComponents) {
    const { network, log, now = () => performance.now(), downloadBytesPerSecond, fetch = globalThis.fetch } = components
    this.#pool = new StreamPool(network)
    const download = downloadBytesPerSecond === undefined ? undefined : new RateLimit(downloadBytesPerSecond, { now })
    this.#components = { network, log, now, pool: this.#pool, download, fetch }
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
    const fetching = new DagFetch(root, into, options, this.#components, controller.signal).run()
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
