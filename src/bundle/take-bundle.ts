import { withHoldAtLeast } from '../store/holds.ts'
import { checkBundle, MeasuredBlocks } from './check-bundle.ts'
import { readerOf } from './dag-reader.ts'
import { fetchedRecord } from './fetched-record.ts'
import { keepStored } from './kept-bundle.ts'
import { readManifest } from './read-manifest.ts'
import { openRoot } from './tree.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Logger } from '../interface/data-node.ts'
import type { Hold } from '../interface/hold.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** What taking a bundle needs from the node. */
export interface TakeComponents {
  store: Store
  transfer: Pick<Transfer, 'fetchDag'>
  /** Milliseconds since 1970. */
  clock: () => number
  log?: Logger
}

/** What is known of a bundle once all of it is there and before it is kept. */
export interface TakenBundle {
  manifest: Manifest | undefined
  /** Those about this root, each with a checked signature. */
  statements: readonly SignedStatement[]
}

/** From whom a bundle is taken, and on what conditions. */
export interface TakeOptions extends AbortOptions {
  /** Peer id of the one that is asked, and nobody else is. */
  peerId: string
  bytesMax: number
  stallTimeoutMs: number
  /** Throws what stands in the way of keeping it. */
  check: (bundle: TakenBundle) => void
  hold: Hold
}

/**
 * Fetches a bundle from one peer, checks it, and holds it. What does not pass the check is never listed. Of what is stored
 * already nothing is fetched, unless it is damaged.
 *
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link InvalidDagError}, {@link InvalidNameError} when it
 *   is no bundle
 * @throws {@link LimitExceededError} when it is larger than `bytesMax` or than a bundle may be
 * @throws {@link StorageFullError} when there is no room for it
 */
export async function takeBundle (components: TakeComponents, root: CID, options: TakeOptions): Promise<StoredBundle> {
  const { store } = components
  const { check, hold, signal } = options
  const known = store.isDamaged(root) ? undefined : store.record(root)
  if (known === undefined) return await fetchChecked(components, root, options)
  const kept = keepStored(store, known)
  try {
    check({ manifest: await storedManifest(store, root, { signal }), statements: known.statements })
    return await holdStored(store, known, hold)
  } finally {
    kept[Symbol.dispose]()
  }
}

async function fetchChecked (
  { store, transfer, clock, log }: TakeComponents, root: CID, options: TakeOptions
): Promise<StoredBundle> {
  const { peerId, bytesMax, stallTimeoutMs, check, hold, signal } = options
  const staging = store.stage()
  try {
    const blocks = new MeasuredBlocks(staging)
    const from = { providers: [peerId], asksRouters: false }
    const fetched = await transfer.fetchDag(root, blocks, { ...from, bytesMax, stallTimeoutMs, signal })
    const manifest = await checkBundle(blocks, root, { signal })
    const record = fetchedRecord(root, manifest, fetched, log)
    check({ manifest, statements: record.statements })
    const kept = keepStored(store, await staging.commit({ ...record, holds: [hold], storedAt: clock() }, { signal }))
    try {
      return await holdStored(store, kept.stored, hold)
    } finally {
      kept[Symbol.dispose]()
    }
  } finally {
    await staging.discard()
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
