import { withHoldAtLeast } from '../store/holds.ts'
import { readerOf } from './dag-reader.ts'
import { healBundle } from './heal.ts'
import { keepStored } from './kept-bundle.ts'
import { readManifest } from './read-manifest.ts'
import { transferBundle } from './transfer-bundle.ts'
import { openRoot } from './tree.ts'
import type { CompleteBundle, TransferBundleComponents } from './transfer-bundle.ts'
import type { Hold } from '../interface/hold.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** From whom a bundle is taken, and on what conditions. */
export interface TakeOptions extends AbortOptions {
  /** Peer id of the one that is asked; nobody else is, unless what is stored already is damaged. */
  peerId: string
  bytesMax: number
  stallTimeoutMs: number
  /** Throws what stands in the way of keeping it. */
  check: (bundle: CompleteBundle) => void
  hold: Hold
}

/**
 * Fetches a bundle from one peer, checks it, and holds it. What does not pass the check is never listed. Of what is stored
 * already nothing is fetched, unless it is damaged; of what an interrupted fetch has left neither.
 *
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link InvalidDagError}, {@link InvalidNameError} when it
 *   is no bundle
 * @throws {@link LimitExceededError} when it is larger than `bytesMax` or than a bundle may be
 * @throws {@link StorageFullError} when there is no room for it
 */
export async function takeBundle (components: TransferBundleComponents, root: CID, options: TakeOptions): Promise<StoredBundle> {
  const { store } = components
  const { peerId, check, hold, ...rest } = options
  const providers = [peerId]
  const known = store.record(root)
  const kept = known === undefined
    ? await transferBundle(components, root, { ...rest, providers, asksRouters: false, check, holds: () => [hold] })
    : keepStored(store, known)
  try {
    if (known !== undefined) {
      if (store.isDamaged(root)) await healBundle(components, root, { ...rest, providers })
      const { statements, delegations = [] } = known
      check({ manifest: await storedManifest(store, root, rest), statements, delegations })
    }
    return await holdStored(store, kept.stored, hold)
  } finally {
    kept[Symbol.dispose]()
  }
}

async function storedManifest (store: Store, root: CID, options: AbortOptions): Promise<Manifest | undefined> {
  const reader = readerOf(store.reader(root))
  const entry = await openRoot(reader, { cid: root }, options)
  return entry.type === 'directory' ? await readManifest(reader, entry, options) : undefined
}

/** Also a bundle that was stored by somebody else meanwhile, which `commit` leaves as it is. */
async function holdStored (store: Store, { root }: StoredBundle, hold: Hold): Promise<StoredBundle> {
  return await store.update(root, ({ holds }) => {
    const extended = withHoldAtLeast(holds, hold)
    return extended === holds ? {} : { holds: extended }
  })
}
