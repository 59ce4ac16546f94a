import { fetchBytesMax, fetchStallTimeoutMs } from '../limits.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import { checkBundle, MeasuredBlocks } from './check-bundle.ts'
import { fetchedRecord } from './fetched-record.ts'
import { SharedWork } from './shared-work.ts'
import type { Logger } from '../interface/data-node.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { DataNodeProgress } from '../interface/progress.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** What fetching needs from the node. */
export interface FetchComponents {
  store: Store
  transfer: Pick<Transfer, 'fetchDag'>
  /** Milliseconds since 1970. */
  clock: () => number
  log?: Logger
}

/** A fetch with all that was said or decided about it. */
export interface BundleFetchOptions extends FetchOptions {
  /** Addresses, peer ids or multiaddrs to ask, in this order. */
  providers: readonly string[]
}

/** A fetch under way that others may join. */
interface RunningFetch {
  work: SharedWork<StoredBundle>
  listeners: Set<BundleFetchOptions>
}

const running = new WeakMap<Store, Map<string, RunningFetch>>()

/**
 * Fetches a bundle completely, checks it, and stores it. What is stored already is returned at once. Callers who ask for
 * the same root at the same time share one transfer.
 *
 * When it rejects nothing is listed, unless it was aborted when the bundle was complete already.
 *
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link InvalidDagError}, {@link InvalidNameError} when it
 *   is no bundle
 * @throws {@link LimitExceededError} when it is larger than `bytesMax` or than a bundle may be
 */
export async function fetchBundle (components: FetchComponents, root: CID, options: BundleFetchOptions): Promise<StoredBundle> {
  options.signal?.throwIfAborted()
  const { store } = components
  const stored = store.record(root) ?? await joinFetch(components, root, options)
  return options.hold === true && !stored.held ? store.update(root, { held: true }) : stored
}

async function joinFetch (components: FetchComponents, root: CID, options: BundleFetchOptions): Promise<StoredBundle> {
  const fetches = running.get(components.store) ?? new Map<string, RunningFetch>()
  running.set(components.store, fetches)
  for (;;) {
    const known = fetches.get(root.toString())
    const fetch = known === undefined || known.work.isAborted ? startFetch(components, root, options, fetches) : known
    fetch.listeners.add(options)
    try {
      return await fetch.work.join(options.signal)
    } catch (error) {
      // Another caller's providers and bounds are not this one's.
      if (fetch !== known || options.signal?.aborted === true) throw error
    } finally {
      fetch.listeners.delete(options)
    }
  }
}

function startFetch (
  components: FetchComponents, root: CID, options: BundleFetchOptions, fetches: Map<string, RunningFetch>
): RunningFetch {
  const listeners = new Set<BundleFetchOptions>()
  const onProgress = (event: DataNodeProgress): void => {
    for (const listener of listeners) reportProgress(listener, event)
  }
  const work = new SharedWork(async signal => {
    try {
      return await transferBundle(components, root, { ...options, signal, onProgress })
    } finally {
      if (fetches.get(root.toString()) === fetch) fetches.delete(root.toString())
    }
  })
  const fetch = { work, listeners }
  fetches.set(root.toString(), fetch)
  return fetch
}

async function transferBundle (
  { store, transfer, clock, log }: FetchComponents, root: CID, options: BundleFetchOptions
): Promise<StoredBundle> {
  const { signal, hold = false, bytesMax = fetchBytesMax, stallTimeoutMs = fetchStallTimeoutMs, providers, onProgress } = options
  const staging = store.stage()
  try {
    const blocks = new MeasuredBlocks(staging)
    const fetched = await transfer.fetchDag(root, blocks, { providers, bytesMax, stallTimeoutMs, signal, onProgress })
    const manifest = await checkBundle(blocks, root, { signal })
    return await staging.commit({ ...fetchedRecord(root, manifest, fetched, log), held: hold, storedAt: clock() }, { signal })
  } finally {
    await staging.discard()
  }
}
