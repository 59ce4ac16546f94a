import { holdsResults, offeredHold } from '../bundle/retention.ts'
import { takeBundle } from '../bundle/take-bundle.ts'
import { sessionOf } from '../bundle/task-reference.ts'
import { LimitExceededError, WrongKindError } from '../errors.ts'
import { checkNumber, checkObject, invalidArgument } from '../format/argument.ts'
import { countsAs } from '../format/delegated.ts'
import { digestOf } from '../format/digest.ts'
import { formatUrn } from '../format/reference.ts'
import { offeredBytesMax, offeredPerTaskMax, offerStallTimeoutMs } from '../limits.ts'
import { isHeld, offeredOwner } from '../store/holds.ts'
import { checkResult } from './check-result.ts'
import type { Retention } from '../bundle/retention.ts'
import type { CompleteBundle, TransferBundleComponents } from '../bundle/transfer-bundle.ts'
import type { ResultManifest } from '../interface/manifest.ts'
import type { Identity } from '../interface/network.ts'
import type { OfferOptions } from '../interface/offer.ts'
import type { StoredBundle } from '../interface/store.ts'
import type { OfferPolicy, PeerOffer } from '../transfer/accept-offers.ts'

/** What taking offered results needs from the node. */
export interface OfferedResultsComponents extends TransferBundleComponents {
  identity: Pick<Identity, 'signer'>
  /** How long what is published stays, by kind; what is not named in it stays by default. */
  retention?: Retention
}

const sources: readonly unknown[] = [undefined, 'readers', 'nobody']

/** @throws {@link InvalidArgumentError} when a host gave something that says nothing about offers */
export function checkOfferOptions (options: unknown): asserts options is OfferOptions {
  checkObject(options, 'offers')
  const { from, bytesMax } = options
  if (typeof from !== 'function' && !sources.includes(from)) {
    throw invalidArgument('offers.from', "'readers', 'nobody' or a function", from)
  }
  checkNumber(bytesMax, 'offers.bytesMax', { min: 1, max: Number.MAX_SAFE_INTEGER })
}

/**
 * Which results this node takes from their miners. By default those that answer a task which it published and holds, from the
 * miners that it named as the task's readers; each has to be that miner's own, and signed by it.
 */
export function offeredResults (components: OfferedResultsComponents, { from = 'readers', bytesMax = offeredBytesMax }: OfferOptions = {}):
OfferPolicy {
  const { clock, retention } = components
  return {
    wants: async ({ root, answers, address }) => {
      if (from === 'nobody' || !holdsResults(retention)) return false
      if (from === 'readers') return isAssigned(components, components.store.record(answers), address)
      return await from({ cid: root, task: answers, miner: address })
    },
    take: async (offer, { signal }) => {
      checkCount(components, offer)
      const hold = offeredHold(clock(), retention)
      const check = (bundle: CompleteBundle): void => { checkOffered(components, offer, bundle) }
      await takeBundle(components, offer.root, {
        peerId: offer.peerId, bytesMax, stallTimeoutMs: offerStallTimeoutMs, check, hold, signal
      })
    }
  }
}

/** True when this node published the task, holds it, and named this miner as one of its readers. A function names nobody. */
function isAssigned (
  { identity, clock }: OfferedResultsComponents, task: StoredBundle | undefined, miner: PeerOffer['address']
): boolean {
  return task?.kind === 'task' && isHeld(task.holds, clock()) && task.statements.some(({ signer }) => signer === identity.signer) &&
    typeof task.readers === 'object' && task.readers.includes(miner)
}

/**
 * What is being taken at this moment is not counted: the few that one peer may have under way can be held beyond the bound.
 *
 * @throws {@link LimitExceededError} when so many other results of this miner for the task are held for it
 */
function checkCount ({ store, clock }: OfferedResultsComponents, { root, answers, address }: PeerOffer): void {
  const now = clock()
  let count = 0
  for (const { root: other, kind, answers: answered, holds, statements, delegations = [] } of store.records()) {
    if (kind !== 'result' || answered?.equals(answers) !== true || other.equals(root)) continue
    if (!statements.some(signed => countsAs(signed, address, delegations))) continue
    if (isHeld(holds.filter(({ owner }) => owner === offeredOwner), now)) count++
  }
  if (count < offeredPerTaskMax) return
  throw new LimitExceededError(`${count} results of ${address} for ${formatUrn(answers)} are held; no more are taken`,
    { limit: 'offeredPerTaskMax', max: offeredPerTaskMax, actual: count + 1 })
}

/**
 * Of the task's session and id only what the result itself says is known where the task is not stored: then they have to be what
 * the miner signed.
 */
function checkOffered (
  { store }: OfferedResultsComponents, { root, answers, address }: PeerOffer, { manifest, ...signed }: CompleteBundle
): void {
  const urn = formatUrn(root)
  if (manifest?.kind !== 'result') {
    throw new WrongKindError(`${urn} is ${manifest === undefined ? 'not a bundle' : `a ${manifest.kind} bundle`}, and only results are taken`)
  }
  const result = manifest as ResultManifest
  const session = store.record(answers)?.session ?? sessionOf(result.task)
  checkResult({ urn, digest: digestOf(root), manifest: result, ...signed }, {
    task: { cid: answers, digest: digestOf(answers), manifest: { session } }, taskId: result.task.taskId, miner: address
  })
}
