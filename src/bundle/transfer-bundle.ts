import { FileNotFoundError, InvalidDagError, InvalidManifestError, InvalidNameError } from '../errors.ts'
import { firstChild } from '../format/dag-position.ts'
import { hastenRecovery, isHastened } from '../format/recover-key.ts'
import { fetchBytesMax, fetchStallTimeoutMs, hastenMs } from '../limits.ts'
import { checkBundle, MeasuredBlocks } from './check-bundle.ts'
import { fetchedRecord, readStatements } from './fetched-record.ts'
import { keepStored } from './kept-bundle.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Logger } from '../interface/data-node.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Hold } from '../interface/hold.ts'
import type { Manifest } from '../interface/manifest.ts'
import type { SaidOfRoot } from '../interface/statement.ts'
import type { Store } from '../interface/store.ts'
import type { FetchDagOptions, Transfer } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** What bringing a bundle here needs from the node. */
export interface TransferBundleComponents {
  store: Store
  transfer: Pick<Transfer, 'fetchDag'>
  /** Milliseconds since 1970. */
  clock: () => number
  log?: Logger
}

/** What is known of a bundle once all of it is there and before it is kept. */
export interface CompleteBundle {
  manifest: Manifest | undefined
  /** Those about this root, each with a checked signature. */
  statements: readonly SignedStatement[]
  delegations: readonly SignedDelegation[]
}

/** From whom a bundle is brought, and on what conditions. */
export interface TransferBundleOptions extends Pick<FetchDagOptions, 'providers' | 'asksRouters' | 'onProgress' | 'signal'> {
  bytesMax?: number | undefined
  stallTimeoutMs?: number | undefined
  /** Throws what stands in the way of keeping it. */
  check?: (bundle: CompleteBundle) => void
  /** Why it stays, by its kind and when it is stored. */
  holds: (kind: string, storedAt: number) => Hold[]
}

/**
 * Brings a bundle here, checks it, and stores it. What was left of it by an earlier try is not fetched again.
 *
 * When it rejects nothing is listed. What had come by then of a bundle that is not small stays on disk for a while, unless it
 * can never become a bundle, or all of it came now and does not pass the check.
 */
export async function transferBundle (
  { store, transfer, clock, log }: TransferBundleComponents, root: CID, options: TransferBundleOptions
): Promise<KeptBundle> {
  const { check, holds, bytesMax = fetchBytesMax, stallTimeoutMs = fetchStallTimeoutMs, ...rest } = options
  const { signal } = rest
  const partial = store.partial(root)
  // Who fetches one bundle will fetch others; that is made ready while there is nothing else to do, and not when all has come.
  const hastening = setTimeout(() => { void hastenRecovery() }, hastenMs).unref()
  try {
    const blocks = new MeasuredBlocks(partial)
    const { bytes } = await partial.found({ signal })
    const onSaid = (said: SaidOfRoot): void => {
      partial.note(said)
      // There is time for it until the first blocks come.
      if (isHastened()) readStatements(root, said.statements)
    }
    const fetchOptions = { ...rest, bytesMax, stallTimeoutMs, onSaid }
    await transfer.fetchDag(root, blocks, { ...fetchOptions, bytesThere: bytes === 0 ? undefined : bytes })
    // Where nothing was missing nobody was asked. It may be known from before who may read it, and who signed it.
    const said = partial.said ?? await transfer.fetchDag(root, blocks, { ...fetchOptions, to: firstChild([]) })
    const manifest = await checkBundle(blocks, root, { signal })
    const record = fetchedRecord(root, manifest, said, log)
    try {
      check?.({ manifest, statements: record.statements, delegations: record.delegations ?? [] })
    } catch (error) {
      // What others have left of it is not forgotten because this one may not be kept.
      if (bytes === 0) await partial.discard()
      throw error
    }
    const storedAt = clock()
    const stored = await partial.commit({ ...record, holds: holds(record.kind, storedAt), storedAt }, { signal })
    void hastenRecovery()
    return keepStored(store, stored, blocks.checked)
  } catch (error) {
    // What can never become a bundle is not worth its room.
    if (isNoBundle(error)) await partial.discard()
    throw error
  } finally {
    clearTimeout(hastening)
    await partial.suspend()
  }
}

/** True when it is about the DAG itself, whoever sends it. */
function isNoBundle (error: unknown): boolean {
  return [InvalidDagError, InvalidManifestError, InvalidNameError, FileNotFoundError].some(type => error instanceof type)
}
