import type { CID } from 'multiformats/cid'
import type { AbortOptions } from '../../src/interface/primitives.ts'
import type { BundleRecord, Store, StoredBundle } from '../../src/interface/store.ts'
import { directoryOf, raw, recordOf } from '../store/dags.ts'
import type { Dag } from '../store/dags.ts'

/** Stores a bundle and holds it. */
export async function publish (store: Store, dag: Dag, change: Partial<BundleRecord> = {}, options: AbortOptions = {}):
  Promise<StoredBundle> {
  await using staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes, options)
  return await staging.commit(recordOf(dag.root, { holds: [{ owner: 'host' }], ...change }), options)
}

/** Stores a bundle as it is stored when it was fetched: nobody holds it. */
export async function fetchInto (store: Store, dag: Dag, options: AbortOptions = {}): Promise<StoredBundle> {
  return publish(store, dag, { origin: 'fetched', holds: [] }, options)
}

/** Brings the first blocks of a bundle, and leaves them for later. */
export async function interruptFetch (store: Store, { root, blocks }: Dag, count: number, options: AbortOptions = {}): Promise<void> {
  await using partial = store.partial(root)
  for (const { cid, bytes } of blocks.slice(0, count)) await partial.put(cid, bytes, options)
}

/** Brings what is missing of a bundle, and stores it; nobody holds it. */
export async function resumeFetch (store: Store, { root, blocks }: Dag, options: AbortOptions = {}): Promise<StoredBundle> {
  await using partial = store.partial(root)
  await partial.found(options)
  for (const { cid, bytes } of blocks) if (!await partial.has(cid, options)) await partial.put(cid, bytes, options)
  return await partial.commit(recordOf(root, { origin: 'fetched', holds: [] }), options)
}

export async function hold (store: Store, root: CID): Promise<void> {
  await store.update(root, { holds: [{ owner: 'host' }] })
}

export async function release (store: Store, root: CID): Promise<void> {
  await store.update(root, { holds: [] })
}

/** A bundle by its number: two small ones, then a large one. Neighbours have blocks in common. */
export function dagOf (seed: string, n: number): Dag {
  const size = n % 3 === 2 ? 300_000 : 100
  const own = Array.from({ length: 4 }, (_, at) => raw(`${seed}/${n}/${at}`, size))
  return directoryOf([...own, raw(`${seed}/shared/${Math.floor(n / 2)}`, 1000)])
}
