import { NotStoredError } from '../errors.ts'
import { firstChild } from '../format/dag-position.ts'
import { fetchBytesMax, fetchStallTimeoutMs } from '../limits.ts'
import { statedAccess, storedHome } from './bundle-home.ts'
import { fetchBundle } from './fetch.ts'
import { readStatements } from './fetched-record.ts'
import { plainHandle, readHandle } from './handle.ts'
import { RemoteDag } from './remote-dag.ts'
import type { HandleComponents } from './bundle-handle.ts'
import type { BundleHome } from './bundle-home.ts'
import type { BundleFetchOptions, FetchComponents } from './fetch.ts'
import type { Bundle } from '../interface/bundle.ts'
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
  const stored = options.hold === true ? await fetchBundle(components, cid, options) : components.store.record(cid)
  if (stored !== undefined) return plainHandle(await readHandle(components, storedHome(components.store, stored), cid, options))
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
