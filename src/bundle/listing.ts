import { checkObject, checkOptional } from '../format/argument.ts'
import { parseUint256 } from '../format/uint256.ts'
import { isHeld } from '../store/holds.ts'
import { parseSession, parseTaskReference } from './task-reference.ts'
import type { BundleInfo, ListFilter } from '../interface/data-node.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { TaskReference } from '../interface/task.ts'

/** What a listing says of a stored bundle at this time. */
export function describeStored (
  { root, kind, origin, holds, embargoed, revealAt, readers, bytes, task, storedAt }: StoredBundle, now: number
): BundleInfo {
  return {
    cid: root.toString(),
    kind,
    origin,
    held: isHeld(holds, now),
    holds,
    revealed: !embargoed,
    ...(!embargoed || revealAt === undefined ? {} : { revealAt }),
    readers,
    bytes,
    storedAt,
    ...(task === undefined ? {} : { task })
  }
}

/**
 * The result that this node published last for a task; undefined when there is none.
 *
 * @throws {@link InvalidArgumentError} when it names no task
 */
export function latestResult (store: Pick<Store, 'records'>, reference: TaskReference): StoredBundle | undefined {
  const task = parseTaskReference(reference)
  return [...store.records()]
    .filter(stored => stored.origin === 'published' && matchesFilter(stored, { kind: 'result', task }))
    .sort((a, b) => a.storedAt - b.storedAt).at(-1)
}

/** @throws {@link InvalidArgumentError} when a host gave something that filters nothing */
export function checkFilter (filter: unknown): asserts filter is ListFilter {
  checkObject(filter, 'filter')
  checkOptional(filter['kind'], 'filter.kind', 'string')
  checkOptional(filter['revealed'], 'filter.revealed', 'boolean')
  checkOptional(filter['sizes'], 'filter.sizes', 'boolean')
  const { task } = filter as ListFilter
  if (task === undefined) return
  parseSession(task, 'filter.task')
  if (task.taskId !== undefined) parseUint256(task.taskId, 'filter.task.taskId')
}

/** True when a stored bundle is one of those that a filter asks for. */
export function matchesFilter ({ kind, embargoed, task, session }: StoredBundle, filter: ListFilter): boolean {
  if (filter.kind !== undefined && filter.kind !== kind) return false
  if (filter.revealed !== undefined && filter.revealed === embargoed) return false
  if (filter.task === undefined) return true
  const own = task ?? session
  const { chainId, queue, sessionId, taskId } = filter.task
  return own?.chainId === chainId && own.queue === queue.toLowerCase() && own.sessionId === sessionId &&
    (taskId === undefined || taskId === task?.taskId)
}
