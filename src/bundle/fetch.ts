import { withHold } from '../store/holds.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import { holdOf } from './fetch-options.ts'
import { healBundle } from './heal.ts'
import { keepStored } from './kept-bundle.ts'
import { fetchedHolds } from './retention.ts'
import { SharedWorks } from './shared-work.ts'
import { transferBundle } from './transfer-bundle.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { Retention } from './retention.ts'
import type { SharedWork } from './shared-work.ts'
import type { TransferBundleComponents } from './transfer-bundle.ts'
import type { Hold } from '../interface/hold.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { DataNodeProgress } from '../interface/progress.ts'
import type { Store } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** What fetching needs from the node. */
export interface FetchComponents extends TransferBundleComponents {
  /** How long what is published stays, by kind; what is not named in it stays by default. */
  retention?: Retention
}

/** A fetch with all that was said or decided about it. */
export interface BundleFetchOptions extends FetchOptions {
  /** Addresses, peer ids or multiaddrs to ask, in this order. */
  providers: readonly string[]
}

const running = new WeakMap<Store, SharedWorks<KeptBundle>>()

/** Those who wait for a fetch, and hear of its progress. */
const listening = new WeakMap<SharedWork<KeptBundle>, Set<BundleFetchOptions>>()

/**
 * Fetches a bundle completely, checks it, and stores it. What is stored already is returned at once. Callers who ask for
 * the same root at the same time share one transfer.
 *
 * When it rejects nothing is listed, unless it was aborted when the bundle was complete already. What had come by then of a
 * bundle that is not small stays on disk for a while, and is not fetched again.
 *
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link InvalidDagError}, {@link InvalidNameError} when it
 *   is no bundle
 * @throws {@link LimitExceededError} when it is larger than `bytesMax` or than a bundle may be
 */
export async function fetchBundle (components: FetchComponents, root: CID, options: BundleFetchOptions): Promise<KeptBundle> {
  options.signal?.throwIfAborted()
  const { store } = components
  const known = store.record(root)
  const fetched: Pick<KeptBundle, 'stored' | 'checked'> = known === undefined ? await joinFetch(components, root, options) : { stored: known }
  const kept = keepStored(store, fetched.stored, fetched.checked)
  const hold = holdOf(options)
  try {
    if (known !== undefined && store.isDamaged(root)) await healBundle(components, root, options)
    if (hold === undefined) return kept
    return { ...kept, stored: await store.update(root, ({ holds }) => ({ holds: withHold(holds, hold) })) }
  } catch (error) {
    kept[Symbol.dispose]()
    throw error
  }
}

async function joinFetch (components: FetchComponents, root: CID, options: BundleFetchOptions): Promise<KeptBundle> {
  const fetches = running.get(components.store) ?? new SharedWorks<KeptBundle>()
  running.set(components.store, fetches)
  for (;;) {
    const known = fetches.running(root.toString())
    const fetch = known ?? startFetch(components, root, options, fetches)
    const listeners = listening.get(fetch)
    listeners?.add(options)
    try {
      return await fetch.join(options.signal)
    } catch (error) {
      // Another caller's providers and bounds are not this one's.
      if (fetch !== known || options.signal?.aborted === true) throw error
    } finally {
      listeners?.delete(options)
    }
  }
}

function startFetch (
  components: FetchComponents, root: CID, options: BundleFetchOptions, fetches: SharedWorks<KeptBundle>
): SharedWork<KeptBundle> {
  const listeners = new Set<BundleFetchOptions>()
  const onProgress = (event: DataNodeProgress): void => {
    for (const listener of listeners) reportProgress(listener, event)
  }
  const fetch = fetches.start(root.toString(), async (signal, previous) => {
    // What was aborted a moment ago leaves what it has on disk first.
    await previous?.ended
    const { providers, bytesMax, stallTimeoutMs } = options
    const holds = (kind: string, storedAt: number): Hold[] => fetchedHolds(kind, storedAt, components.retention)
    const kept = await transferBundle(components, root, { providers, bytesMax, stallTimeoutMs, signal, onProgress, holds })
    // Until all who wait for it have gone on, and keep it themselves.
    setImmediate(() => { kept[Symbol.dispose]() })
    return kept
  })
  listening.set(fetch, listeners)
  return fetch
}
