import { treeOf } from '../bundle/bundle-handle.ts'
import { bringInner } from '../bundle/bring-inner.ts'
import { expectKind } from '../bundle/expect-kind.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { DatasetName } from './known-versions.ts'
import type { FindVersionComponents } from './find-version.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { CID } from 'multiformats/cid'

/** What fetching a version needs. */
export type FetchVersionComponents = Pick<DatasetComponents, 'fetch' | 'store' | 'versions'> & Pick<FindVersionComponents, 'openVersion'>

/**
 * Fetches a version completely: where another version of the same dataset is here, only what that does not have.
 *
 * @param of - its dataset, where that is known before: nothing is read of it to find out
 */
export async function fetchVersion (
  components: FetchVersionComponents, cid: CID, of: DatasetName | undefined, options: FetchOptions & { signal: AbortSignal }
): Promise<DatasetBundle> {
  const { fetch, openVersion, store, versions } = components
  const known = of === undefined ? [] : await versions.list(of, options)
  if (store.record(cid) !== undefined || known.length === 0) return await expectKind(await fetch(cid, options), 'dataset')
  // Open until all is there: what is read of it stays, and is not fetched again.
  const opened = await openVersion(cid, { ...options, hold: false })
  try {
    const { reader, signal } = treeOf(opened, options)
    await bringInner(reader, cid, { has: async block => await store.has(block, { signal }), signal })
    return await expectKind(await fetch(cid, options), 'dataset')
  } finally {
    await opened.close()
  }
}
