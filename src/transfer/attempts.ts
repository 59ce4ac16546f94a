import {
  CorruptTransferError, LimitExceededError, PeerUnreachableError, RefusedError, StorageFullError, TimedOutError, UnavailableError
} from '../errors.ts'
import type { DataNodeError } from '../errors.ts'
import type { CID } from 'multiformats/cid'
import type { ProviderAttempt } from '../interface/transfer.ts'

type Outcome = ProviderAttempt['outcome']

/** An attempt together with the error that ended it, if one did. */
export interface EndedAttempt {
  attempt: ProviderAttempt
  error?: DataNodeError
}

/**
 * How an error ends the turn of a provider; undefined when no other provider can do better, because it is about this node or
 * about the DAG itself.
 */
export function outcomeOf (error: unknown): Outcome | undefined {
  if (error instanceof CorruptTransferError) return 'corrupt'
  if (error instanceof TimedOutError) return 'timed-out'
  if (error instanceof PeerUnreachableError) return 'lost'
  if (error instanceof RefusedError) return error.details['status'] === 'busy' ? 'busy' : 'bad-request'
  if (error instanceof UnavailableError) return error.details['status'] === 'embargoed' ? 'embargoed' : 'not-available'
  const isAboutSize = error instanceof LimitExceededError || error instanceof StorageFullError
  if (isAboutSize && error.details['announcedBy'] !== undefined) return 'too-large'
  return undefined
}

/**
 * The one error that says why nobody delivered. Providers that could not be reached do not count beside one that could, nor
 * those that do not have it beside one where it is too large; when the others all failed in the same way the error is of
 * that kind, otherwise the DAG is unavailable.
 */
export function fetchError (root: CID, ended: readonly EndedAttempt[]): DataNodeError {
  const attempts = ended.map(({ attempt }) => attempt)
  const reached = ended.filter(({ attempt }) => attempt.outcome !== 'unreachable')
  const isTooLarge = reached.some(({ attempt }) => attempt.outcome === 'too-large')
  const telling = reached.filter(({ attempt }) => !isTooLarge || attempt.outcome !== 'not-available')
  const kinds = new Set(telling.map(({ attempt }) => kindOf(attempt.outcome)))
  const [kind] = kinds
  const last = telling.at(-1) ?? ended.at(-1)
  const message = messageOf(root, attempts)
  const details = { ...last?.error?.details, root: root.toString(), attempts, cause: last?.error }
  if (kinds.size !== 1 || kind === 'unavailable') return new UnavailableError(message, details)
  if (kind === 'corrupt') return new CorruptTransferError(message, details)
  if (kind === 'timed-out') return new TimedOutError(message, details)
  if (kind === 'too-large') {
    const isFull = last?.error instanceof StorageFullError
    return isFull ? new StorageFullError(message, details) : new LimitExceededError(message, details)
  }
  return new RefusedError(message, details)
}

function kindOf (outcome: Outcome): 'corrupt' | 'timed-out' | 'too-large' | 'refused' | 'unavailable' {
  if (outcome === 'busy' || outcome === 'bad-request') return 'refused'
  return outcome === 'corrupt' || outcome === 'timed-out' || outcome === 'too-large' ? outcome : 'unavailable'
}

function messageOf (root: CID, attempts: readonly ProviderAttempt[]): string {
  if (attempts.length === 0) {
    return `Nobody could be asked for ${root.toString()}: no provider was named and this node has no router. Name one that has it`
  }
  const who = attempts.length === 1 ? 'the only provider' : `any of ${attempts.length} providers`
  return `${root.toString()} could not be fetched from ${who}: ${attempts.map(({ reason }) => reason).join('; ')}. ${adviceOn(attempts)}`
}

/** What to do, the most hopeful first. */
const advice: readonly [outcome: Outcome, sentence: string][] = [
  ['embargoed', 'Try again when its publisher has revealed it'],
  ['too-large', 'Raise bytesMax, or the quota, if so much is wanted'],
  ['busy', 'Try again in a moment'],
  ['lost', 'Try again, or name another provider'],
  ['timed-out', 'Try again, or name a provider that is nearer or less busy'],
  ['not-available', 'Name a provider that has it, or let its publisher make this node a reader'],
  ['corrupt', 'Name another provider'],
  ['bad-request', 'Name another provider, or update this node'],
  ['unreachable', 'Check that the providers run and can be reached from here, or name another one']
]

function adviceOn (attempts: readonly ProviderAttempt[]): string {
  const outcomes = new Set(attempts.map(({ outcome }) => outcome))
  return advice.find(([outcome]) => outcomes.has(outcome))?.[1] ?? 'Name another provider'
}
