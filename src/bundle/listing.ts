import { checkObject, checkOptional } from '../format/argument.ts'
import { parseUint256 } from '../format/uint256.ts'
import { isHeld } from '../store/holds.ts'
import { parseSession } from './task-reference.ts'
import type { BundleInfo, ListFilter } from '../interface/data-node.ts'
import type { StoredBundle } from '../interface/store.ts'

/** What a listing says of a stored bundle at this time. */
export function describeStored (
  { root, kind, origin, holds, embargoed, readers, bytes, task, storedAt }: StoredBundle, now: number
): BundleInfo {
  return {
    cid: root.toString(),
    kind,
    origin,
    held: isHeld(holds, now),
    holds,
    revealed: !embargoed,
    readers,
    bytes,
    storedAt,
    ...(task === undefined ? {} : { task })
  }
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
