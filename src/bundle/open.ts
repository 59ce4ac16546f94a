import { NotStoredError } from '../errors.ts'
import { hastenRecovery } from '../format/recover-key.ts'
import { fetchBytesMax, fetchStallTimeoutMs } from '../limits.ts'
import { CountedTransfer } from './counted-transfer.ts'
import { statedAccess, storedFacts, storedHome } from './bundle-home.ts'
import { fetchBundle } from './fetch.ts'
import { holdOf } from './fetch-options.ts'
import { readDelegations, readStatements } from './fetched-record.ts'
import { FileNodes } from './file-nodes.ts'
import { healingReader } from './heal.ts'
import { plainHandle, readHandle } from './handle.ts'
import { RemoteDag } from './remote-dag.ts'
import type { HandleComponents } from './bundle-handle.ts'
import type { BundleHome } from './bundle-home.ts'
import type { DagReader } from './dag-reader.ts'
import type { BundleFetchOptions, FetchComponents } from './fetch.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { Bundle } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { PartialBundle } from '../interface/store.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import type { CID } from 'multiformats/cid'

/**
 * Opens a handle as soon as the manifest is there. Of a bundle that is not stored, what is read is fetched when it is asked for,
 * and nothing else; it is listed, and stays for sure, only once it was completed. With `hold` it is fetched completely first.
 * Plain UnixFS without a manifest works too.
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
  const partial = components.store.partial(cid)
  try {
    return plainHandle(await readHandle(components, await remoteHome(components, cid, { partial, options }), cid, options))
  } catch (error) {
    await partial.suspend()
    throw error
  }
}

/** Everything is read from others and stays in the partial bundle; once that is completed, by whomever, it is a stored one. */
async function remoteHome (
  given: FetchComponents, cid: CID, { partial, options }: { partial: PartialBundle, options: BundleFetchOptions }
): Promise<BundleHome> {
  const transfer = new CountedTransfer(given.transfer)
  const components = { ...given, transfer }
  const { store, log } = components
  const { bytesMax = fetchBytesMax, stallTimeoutMs = fetchStallTimeoutMs, providers, onProgress, signal } = options
  const onSaid = (said: SaidOfRoot): void => { partial.note(said) }
  const dag = new RemoteDag(transfer, partial, cid, { bytesMax, stallTimeoutMs, providers, onProgress, onSaid })
  const { blocks } = await partial.found({ signal })
  const { access, statements, delegations } = await dag.open({ signal, isEmpty: blocks === 0 })
  // Who reads one bundle will read others.
  void hastenRecovery()
  const signed = readStatements(cid, statements, log)
  const said = {
    statements: signed,
    delegations: readDelegations(cid, delegations, { statements: signed, log }),
    access: access === 'restricted' ? access : statedAccess(signed) ?? access,
    embargoed: false
  }
  const isStored = (): boolean => store.record(cid) !== undefined
  const stored = healingReader(components, cid)
  const get: DagReader['get'] = async (place, options) => isStored() ? stored.get(place, options) : dag.get(place, options)
  const nodes = new FileNodes({ get })
  return {
    reader: {
      get,
      fileNode: async (place, options) => nodes.get(place, options),
      prepare: async (part, options) => { if (!isStored()) await dag.prepare(part, options) }
    },
    facts: () => {
      const stored = store.record(cid)
      return stored === undefined ? said : storedFacts(stored)
    },
    bytesFetched: () => transfer.bytesFetched,
    update: async change => {
      if (isStored()) await store.update(cid, change)
      else throw new NotStoredError(`${cid.toString()} is not stored here: complete it before saying who may read it`, { cid: cid.toString() })
    },
    complete: async more => {
      const kept = await fetchBundle(components, cid, { bytesMax, stallTimeoutMs, ...more, providers })
      kept[Symbol.dispose]()
    },
    close: async () => partial.suspend()
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
