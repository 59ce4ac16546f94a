import { NotStoredError } from '../errors.ts'
import { withHold } from '../store/holds.ts'
import { CountedTransfer } from './counted-transfer.ts'
import { holdOf } from './fetch-options.ts'
import { healingReader } from './heal.ts'
import type { DagReader } from './dag-reader.ts'
import type { CompleteOptions, SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Logger } from '../interface/data-node.ts'
import type { Access } from '../interface/statement.ts'
import type { RecordChange, Store, StoredBundle } from '../interface/store.ts'
import type { Transfer } from '../interface/transfer.ts'

/** What is known of a bundle beside its DAG. */
export interface BundleFacts {
  access: Access
  statements: readonly SignedStatement[]
  delegations: readonly SignedDelegation[]
  embargoed: boolean
}

/** Where the bundle of a handle is: in the store, or with other nodes. */
export interface BundleHome {
  reader: DagReader
  /** As it is now. */
  facts: () => BundleFacts
  /** Bytes of verified blocks that came from other nodes for it. */
  bytesFetched: () => number
  /** @throws {@link NotStoredError} when the bundle is not, or no longer, in the store */
  update: (change: RecordChange) => Promise<void>
  /** Brings and stores what is missing. */
  complete: (options: CompleteOptions) => Promise<void>
  close: () => Promise<void>
}

/** What a stored bundle is read with. Without `transfer` its damaged blocks stay as they are. */
export interface StoredHomeComponents {
  store: Store
  transfer?: Pick<Transfer, 'fetchDag'> | undefined
  log?: Logger | undefined
}

/**
 * The home of a bundle that is stored: there it stays until the home is closed. Nothing may be awaited since it was looked up.
 */
export function storedHome ({ store, transfer, log }: StoredHomeComponents, stored: StoredBundle): BundleHome {
  const kept = store.keep(stored.root)
  const counted = transfer === undefined ? undefined : new CountedTransfer(transfer)
  return {
    reader: healingReader({ store, transfer: counted, log }, stored.root),
    bytesFetched: () => counted?.bytesFetched ?? 0,
    facts: () => storedFacts(store.record(stored.root) ?? stored),
    update: async change => {
      if (store.record(stored.root) === undefined) throw new NotStoredError(`${stored.root.toString()} is no longer stored`)
      await store.update(stored.root, change)
    },
    complete: async options => {
      const hold = holdOf(options)
      if (hold !== undefined) await store.update(stored.root, ({ holds }) => ({ holds: withHold(holds, hold) }))
    },
    close: async () => { kept[Symbol.dispose]() }
  }
}

/** What is known of a stored bundle beside its DAG. */
export function storedFacts ({ statements, delegations = [], readers, embargoed }: StoredBundle): BundleFacts {
  return { statements, delegations, embargoed, access: statedAccess(statements) ?? (readers === 'anyone' ? 'anyone' : 'restricted') }
}

/** What the publishers signed; undefined when nobody is known to have signed. */
export function statedAccess (statements: readonly SignedStatement[]): Access | undefined {
  if (statements.length === 0) return undefined
  return statements.some(({ statement }) => statement.access === 'restricted') ? 'restricted' : 'anyone'
}
