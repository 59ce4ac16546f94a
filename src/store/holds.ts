import { InvalidArgumentError } from '../errors.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import type { Hold, HoldInit } from '../interface/hold.ts'
import type { StoredBundle } from '../interface/store.ts'
import { holdOwnerCharactersMax, holdsMax } from '../limits.ts'

/** Owner of a hold for which none was named. */
export const defaultOwner = 'host'

/** Owner of the hold on a fetched task that this node has not answered yet. */
export const unansweredOwner = 'unanswered'

/** Owner of the hold on a result that its miner offered. */
export const offeredOwner = 'offered'

/**
 * A hold as it is kept.
 *
 * @throws {@link InvalidArgumentError} when it is not of its form
 */
export function checkHold (init: HoldInit): Hold {
  const given: unknown = init
  checkObject(given, 'hold')
  const owner = checkOwner(given['owner'])
  const { until } = init
  if (until === undefined || until === Infinity) return { owner }
  if (!Number.isSafeInteger(until) || until < 0) throw invalidArgument('until', 'milliseconds since 1970', until)
  return { owner, until }
}

/** @throws {@link InvalidArgumentError} when it is no label */
export function checkOwner (owner: unknown = defaultOwner): string {
  if (typeof owner === 'string' && owner !== '' && owner.length <= holdOwnerCharactersMax) return owner
  throw invalidArgument('owner', `a label of 1 to ${holdOwnerCharactersMax} characters`, owner)
}

/** Adds a hold, in place of the one that its owner had. @throws {@link InvalidArgumentError} when there are too many */
export function withHold (holds: readonly Hold[], hold: Hold): Hold[] {
  const others = withoutHold(holds, hold.owner)
  if (others.length < holdsMax) return [...others, hold]
  throw new InvalidArgumentError(`A bundle has ${others.length} holds already; release one of them first`,
    { owners: others.map(({ owner }) => owner) })
}

/** Adds a hold, unless its owner has one already that lasts as long. */
export function withHoldAtLeast (holds: readonly Hold[], hold: Hold): readonly Hold[] {
  const own = holds.find(({ owner }) => owner === hold.owner)
  const lasts = own !== undefined && (own.until === undefined || (hold.until !== undefined && own.until >= hold.until))
  return lasts ? holds : withHold(holds, hold)
}

/** Takes the hold of an owner away. */
export function withoutHold (holds: readonly Hold[], owner: string): Hold[] {
  return holds.filter(hold => hold.owner !== owner)
}

/** True while one of the holds counts. */
export function isHeld (holds: readonly Hold[], now: number): boolean {
  return holds.some(({ until }) => until === undefined || until > now)
}

/** True when a bundle may not be collected: it is held, or its time to be seen has not come. */
export function isKept ({ holds, embargoed }: Pick<StoredBundle, 'holds' | 'embargoed'>, now: number): boolean {
  return embargoed || isHeld(holds, now)
}
