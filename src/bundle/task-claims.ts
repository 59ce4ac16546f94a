import { AlreadyAnsweredError } from '../errors.ts'
import { countsAs } from '../format/delegated.ts'
import { formatUrn } from '../format/reference.ts'
import { taskText } from './task-reference.ts'
import type { Address } from '../interface/primitives.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { TaskReference } from '../interface/task.ts'
import type { CID } from 'multiformats/cid'

interface Claim {
  root: CID
  /** Calls that are publishing this root. */
  count: number
}

/** Results under way: one that is not stored yet answers its task all the same. */
const claims = new WeakMap<Store, Map<string, Claim>>()

/**
 * Says that this node's answer to a task is this root. Holds until it is disposed of; from then on what is stored says it.
 *
 * @throws {@link AlreadyAnsweredError} when another root is being published for the task, or was, and this one never was
 */
export function claimTask (store: Store, publisher: Address, task: TaskReference, root: CID): Disposable {
  const ofStore = claims.get(store) ?? new Map<string, Claim>()
  claims.set(store, ofStore)
  const key = taskText(task)
  const claim = ofStore.get(key) ?? { root, count: 0 }
  const stored = [...store.records()].filter(record => isAnswer(record, publisher, key)).sort((a, b) => a.storedAt - b.storedAt)
  const [first] = stored
  const isKnown = stored.some(record => record.root.equals(root))
  if (!isKnown && first !== undefined) throw answered(key, first.root, root)
  if (!isKnown && !claim.root.equals(root)) throw answered(key, claim.root, root)
  claim.count++
  ofStore.set(key, claim)
  return {
    [Symbol.dispose]: () => {
      if (--claim.count === 0) ofStore.delete(key)
    }
  }
}

function isAnswer ({ kind, origin, statements, delegations = [], task }: StoredBundle, publisher: Address, key: string): boolean {
  return kind === 'result' && task !== undefined && taskText(task) === key &&
    (origin === 'published' || statements.some(signed => countsAs(signed, publisher, delegations)))
}

function answered (task: string, first: CID, second: CID): AlreadyAnsweredError {
  const urn = formatUrn(first)
  return new AlreadyAnsweredError(
    `Task ${task} was answered with ${urn}: ${formatUrn(second)} needs { supersede: true }`,
    { first: urn, second: formatUrn(second) })
}
