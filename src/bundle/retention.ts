import { invalidArgument } from '../format/argument.ts'
import { retentionDefaultsMs } from '../limits.ts'
import { defaultOwner, offeredOwner, unansweredOwner, withoutHold } from '../store/holds.ts'
import type { Hold } from '../interface/hold.ts'
import type { BundleRecord, RecordChange, Store, StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** Milliseconds for which bundles of each kind are held; `Infinity` until they are released. */
export type Retention = Readonly<Record<string, number>>

/** The hold on what is published now; none when it is cache at once. */
export function publishedHolds (kind: string, now: number, retention: Retention = {}, override?: number): Hold[] {
  const lastsMs = override ?? retentionOf(kind, retention)
  return lastsMs === 0 ? [] : [{ owner: defaultOwner, ...untilOf(now, lastsMs) }]
}

/**
 * The hold on what is fetched now and that nobody asked to hold: a task stays until this node has answered it, or as long as
 * tasks stay. Everything else is cache.
 */
export function fetchedHolds (kind: string, now: number, retention: Retention = {}): Hold[] {
  const lastsMs = retentionOf(kind, retention)
  return kind !== 'task' || lastsMs === 0 ? [] : [{ owner: unansweredOwner, ...untilOf(now, lastsMs) }]
}

/** The hold on a result that was offered now: as long as results of this node's own stay. */
export function offeredHold (now: number, retention: Retention = {}): Hold {
  return { owner: offeredOwner, ...untilOf(now, retentionOf('result', retention)) }
}

/** False where results are cache at once, so that nobody can be told that one is held. */
export function holdsResults (retention: Retention = {}): boolean {
  return retentionOf('result', retention) > 0
}

/** Says that this node has answered a task. */
export async function releaseAnswered (store: Pick<Store, 'record' | 'update'>, task: CID): Promise<void> {
  const isWaiting = ({ holds }: Pick<BundleRecord, 'holds'>): boolean => holds.some(({ owner }) => owner === unansweredOwner)
  const stored = store.record(task)
  if (stored === undefined || !isWaiting(stored)) return
  await store.update(task, ({ holds }: StoredBundle): RecordChange => ({ holds: withoutHold(holds, unansweredOwner) }))
}

/** @throws {@link InvalidArgumentError} when it is not a number of milliseconds */
export function checkRetention (retentionMs: unknown): void {
  if (retentionMs === undefined || (typeof retentionMs === 'number' && retentionMs >= 0)) return
  throw invalidArgument('retentionMs', 'a number of milliseconds from 0 to Infinity', retentionMs)
}

function retentionOf (kind: string, retention: Retention): number {
  const own = Object.hasOwn(retention, kind) ? retention[kind] : undefined
  return own ?? (Object.hasOwn(retentionDefaultsMs, kind) ? retentionDefaultsMs[kind] : undefined) ?? Infinity
}

function untilOf (now: number, lastsMs: number): { until?: number } {
  const until = Math.ceil(now + lastsMs)
  return Number.isSafeInteger(until) ? { until } : {}
}
