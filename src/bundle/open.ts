import { NotStoredError } from '../errors.ts'
import { firstChild } from '../format/dag-position.ts'
import { fetchBytesMax, fetchStallTimeoutMs } from '../limits.ts'
import { statedAccess, storedHome } from './bundle-home.ts'
import { fetchBundle, holdOf } from './fetch.ts'
import { readStatements } from './fetched-record.ts'
import { plainHandle, readHandle } from './handle.ts'
import { RemoteDag } from './remote-dag.ts'
import type { HandleComponents } from './bundle-handle.ts'
import type { BundleHome } from './bundle-home.ts'
import type { BundleFetchOptions, FetchComponents } from './fetch.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/**
 * Opens a handle as soon as the manifest is there. Of a bundle that is not stored, files are fetched when they are asked
 * for, each as a whole, also when only a part of it is read; nothing of it is stored, and closing the handle forgets it.
 * With `hold` it is fetched completely first. Plain UnixFS without a manifest works too.
 *
 * @throws {@link UnavailableError}, {@link TimedOutError}, {@link CorruptTransferError}, {@link RefusedError} as the
 *   transfer ends
 * @throws {@link InvalidManifestError}, {@link NewerFormatError}, {@link InvalidDagError}, {@link LimitExceededError} when
 *   it is no bundle
 */
export async function openBundle (
  components: HandleComponents & FetchComponents, cid: CID, options: BundleFetchOptions
): Promise<Bundle> {
  if (holdOf(options) !== undefined) return openKept(components, await fetchBundle(components, cid, options), options)
  if (components.store.record(cid) !== undefined) return openStored(components, cid, options)
  const staging = components.store.stage()
  try {
    const { bytesMax = fetchBytesMax, stallTimeoutMs = fetchStallTimeoutMs, providers, onProgress } = options
    const dag = new RemoteDag(components.transfer, staging, cid, { bytesMax, stallTimeoutMs, providers, onProgress })
    const { access, statements } = await dag.fetch({ to: firstChild([]) }, options)
    const signed = readStatements(cid, statements, components.log)
    const home: BundleHome = {
      reader: dag,
      facts: () => ({ statements: signed, access: access === 'restricted' ? access : statedAccess(signed) ?? access, embargoed: false }),
      update: async () => {
        throw new NotStoredError(`${cid.toString()} is not stored here: fetch it before saying who may read it`, { cid: cid.toString() })
      },
      close: async () => staging.discard()
    }
    return plainHandle(await readHandle(components, home, cid, options))
  } catch (error) {
    await staging.discard()
    throw error
  }
}

async function openKept (components: HandleComponents, kept: KeptBundle, options: AbortOptions): Promise<Bundle> {
  try {
    return await openStored(components, kept.stored.root, options)
  } finally {
    kept[Symbol.dispose]()
  }
}

/**
 * Opens a handle on a bundle that is stored, and asks nobody for it.
 *
 * @throws {@link NotStoredError} when it is not
 */
export async function openStored (components: HandleComponents, cid: CID, options: AbortOptions = {}): Promise<Bundle> {
  const stored = components.store.record(cid)
  if (stored === undefined) throw new NotStoredError(`${cid.toString()} is not stored here: fetch it first`, { cid: cid.toString() })
  return plainHandle(await readHandle(components, storedHome(components, stored), cid, options))
}
