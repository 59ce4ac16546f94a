import type { StatementLog } from '../interface/audit.ts'
import type { Store } from '../interface/store.ts'

/** What letting bundles go needs from the node. */
export interface LetGoComponents<S> {
  store: S
  statements: Pick<StatementLog, 'settle'>
}

/**
 * Does what lets bundles go, when none is kept any more because its statement is still on its way into the audit trail: one that
 * was published a moment ago can go like any other.
 */
export async function letGo<S extends Partial<Store>, T> ({ store, statements }: LetGoComponents<S>,
  work: (store: S) => Promise<T>): Promise<T> {
  await statements.settle()
  return await work(store)
}
