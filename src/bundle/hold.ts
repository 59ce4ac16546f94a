import { InvalidArgumentError } from '../errors.ts'
import { parseReference } from '../format/reference.ts'
import { checkHold, checkOwner, withHold, withoutHold } from '../store/holds.ts'
import { checkFilter, matchesFilter } from './listing.ts'
import type { BundleSelector } from '../interface/data-node.ts'
import type { Hold, HoldInit } from '../interface/hold.ts'
import type { Reference } from '../interface/primitives.ts'
import type { RecordChange, Store, StoredBundle } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** True for what selects bundles by what they are, and does not name one. */
export function isSelector (what: Reference | BundleSelector): what is BundleSelector {
  return typeof what === 'object' && (what as unknown) !== null && !('multihash' in what)
}

/**
 * Holds every stored bundle that is selected.
 *
 * @returns how many these are
 * @throws {@link InvalidArgumentError} when the selector or the hold is not of its form
 */
export async function holdSelected (store: Store, selector: BundleSelector, init: HoldInit): Promise<number> {
  const hold: Hold = checkHold(init)
  return await updateAll(store, selectBundles(store, selector), ({ holds }) => ({ holds: withHold(holds, hold) }))
}

/**
 * Ends the hold of one owner on a bundle, or on every stored bundle that is selected.
 *
 * @returns how many bundles had one
 * @throws {@link InvalidArgumentError}, {@link InvalidReferenceError}, {@link ForeignReferenceError} for what the caller gave
 * @throws {@link NotStoredError} when the one that is named is not stored
 */
export async function releaseBundles (
  store: Store, what: Reference | BundleSelector, { owner: label }: HoldInit
): Promise<number> {
  const owner = checkOwner(label)
  const roots = isSelector(what) ? selectBundles(store, what) : [parseReference(what).cid]
  return await updateAll(store, roots, ({ holds }) =>
    holds.some(hold => hold.owner === owner) ? { holds: withoutHold(holds, owner) } : {})
}

/** Roots of the stored bundles that are selected; with a task, its task bundle too, as far as an answer names it. */
export function selectBundles (store: Store, selector: BundleSelector): CID[] {
  checkFilter(selector)
  const { kind, task } = selector
  if (kind === undefined && task === undefined) throw new InvalidArgumentError('a selector needs a kind or a task, and has neither')
  const selected = [...store.records()].filter(stored => matchesFilter(stored, task === undefined ? {} : { task }))
  const answered = new Set(task?.taskId === undefined ? [] : selected.map(({ answers }) => answers?.toString()))
  const isTask = ({ root }: StoredBundle): boolean => answered.has(root.toString())
  const found = [...selected, ...[...store.records()].filter(stored => isTask(stored) && !selected.includes(stored))]
  return found.filter(stored => kind === undefined || stored.kind === kind).map(({ root }) => root)
}

/** What went in the meantime needs no change. */
async function updateAll (store: Store, roots: readonly CID[], change: (stored: StoredBundle) => RecordChange): Promise<number> {
  let changed = 0
  for (const root of roots) {
    if (roots.length > 1 && store.record(root) === undefined) continue
    await store.update(root, stored => {
      const changes = change(stored)
      if (Object.keys(changes).length > 0) changed++
      return changes
    })
  }
  return changed
}
