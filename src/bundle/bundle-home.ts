import { NotStoredError } from '../errors.ts'
import { readerOf } from './dag-reader.ts'
import type { DagReader } from './dag-reader.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Access } from '../interface/statement.ts'
import type { RecordChange, Store, StoredBundle } from '../interface/store.ts'

/** What is known of a bundle beside its DAG. */
export interface BundleFacts {
  access: Access
  statements: readonly SignedStatement[]
  embargoed: boolean
}

/** Where the bundle of a handle is: in the store, or with other nodes. */
export interface BundleHome {
  reader: DagReader
  /** As it is now. */
  facts: () => BundleFacts
  /** @throws {@link NotStoredError} when the bundle is not, or no longer, in the store */
  update: (change: RecordChange) => Promise<void>
  close: () => Promise<void>
}

/** The home of a bundle that is stored. */
export function storedHome (store: Store, stored: StoredBundle): BundleHome {
  return {
    reader: readerOf(store),
    facts: () => {
      const { statements, readers, embargoed } = store.record(stored.root) ?? stored
      return { statements, embargoed, access: statedAccess(statements) ?? (readers === 'anyone' ? 'anyone' : 'restricted') }
    },
    update: async change => {
      if (store.record(stored.root) === undefined) throw new NotStoredError(`${stored.root.toString()} is no longer stored`)
      await store.update(stored.root, change)
    },
    close: async () => {}
  }
}

/** What the publishers signed; undefined when nobody is known to have signed. */
export function statedAccess (statements: readonly SignedStatement[]): Access | undefined {
  if (statements.length === 0) return undefined
  return statements.some(({ statement }) => statement.access === 'restricted') ? 'restricted' : 'anyone'
}
