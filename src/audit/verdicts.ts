import { CID } from 'multiformats/cid'
import { checkTask } from '../bundle/check-task.ts'
import { checkFetchOptions } from '../bundle/fetch-options.ts'
import { DataNodeError, LimitExceededError, MismatchError } from '../errors.ts'
import { checkObject, checkOptional, describeValue, invalidArgument } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { digestOf } from '../format/digest.ts'
import { parseAddress } from '../format/hex.ts'
import { parseReference } from '../format/reference.ts'
import { verifyStatement } from '../format/statement.ts'
import { parseUint256 } from '../format/uint256.ts'
import { claimsConcurrency, claimsMax } from '../limits.ts'
import { checkHash } from './check-hash.ts'
import { checkResult } from './check-result.ts'
import { contentDigest } from './content-digest.ts'
import type { ResultBundle, TaskBundle } from '../interface/bundle.ts'
import type { VerifyOptions } from '../interface/data-node.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { Address, Hex, Reference } from '../interface/primitives.ts'
import type { Agreement, Claim, Verdict, Verdicts, VerdictStatus } from '../interface/verdict.ts'

/** What judging needs from the node. */
export interface VerdictComponents {
  /** Milliseconds from any start, never going back. */
  now: () => number
  /** Fetches a result bundle, asking these providers first. */
  fetchResult: (ref: Reference, options: FetchOptions) => Promise<ResultBundle>
}

/** What each error says about the claim that led to it. Any other one is about this node or its host, and no miner's fault. */
const statusOf: Readonly<Record<string, VerdictStatus>> = {
  UnavailableError: 'unavailable',
  TimedOutError: 'unavailable',
  CorruptTransferError: 'unavailable',
  RefusedError: 'unavailable',
  StorageFullError: 'unavailable',
  MismatchError: 'mismatch',
  UnsignedError: 'unsigned',
  WrongSignerError: 'wrong-signer',
  WrongTaskError: 'wrong-task',
  WrongMinerError: 'copied',
  InvalidArgumentError: 'malformed',
  WrongKindError: 'malformed',
  InvalidReferenceError: 'malformed',
  ForeignReferenceError: 'malformed',
  InvalidManifestError: 'malformed',
  NewerFormatError: 'malformed',
  InvalidDagError: 'malformed',
  InvalidNameError: 'malformed',
  InvalidStatementError: 'malformed',
  LimitExceededError: 'malformed',
  FileNotFoundError: 'malformed'
}

/**
 * Judges all claims on one task at the same time: one verdict each, in the order of the claims, and who agrees
 * with whom. A claim that is bad in any way is a verdict, never an exception; what goes wrong in this node or in `hashOf` is
 * thrown as it is.
 *
 * @throws {@link InvalidArgumentError} when `claims` is not a list, `task` no handle, or an option not of its form
 * @throws {@link LimitExceededError} when there are more than `claimsMax`
 * @throws the signal's reason when it is aborted
 */
export async function verifyResults (
  components: VerdictComponents, task: TaskBundle, claims: readonly Claim[], options: VerifyOptions
): Promise<Verdicts> {
  checkFetchOptions(options)
  checkTask(task)
  parseUint256(options.taskId, 'taskId')
  checkOptional(options.hashOf, 'hashOf', 'function')
  const given: unknown = claims
  if (!Array.isArray(given)) throw invalidArgument('claims', 'an array of { miner, ref }', given)
  if (claims.length > claimsMax) {
    throw new LimitExceededError(`${claims.length} claims are more than ${claimsMax}: ask in parts`,
      { limit: 'claimsMax', max: claimsMax, actual: claims.length })
  }
  const verdicts: Verdict[] = new Array<Verdict>(claims.length)
  await forEachConcurrent(claims.entries(), claimsConcurrency, async ([i, claim]) => {
    verdicts[i] = await judge(components, task, claim, options)
  })
  options.signal?.throwIfAborted()
  return { verdicts, agreements: agreements(verdicts) }
}

async function judge (components: VerdictComponents, task: TaskBundle, claim: Claim, options: VerifyOptions): Promise<Verdict> {
  const startedAt = components.now()
  const { miner, ref } = Object(claim) as Claim
  const verdict: Verdict = { miner: asText(miner) as Address, ref: asText(ref), status: 'ok', reason: '', elapsedMs: 0 }
  try {
    await checkClaim(components, task, claim, options, verdict)
  } catch (error) {
    const status = error instanceof DataNodeError ? statusOf[error.name] : undefined
    if (status === undefined) throw error
    verdict.status = status
    verdict.reason = (error as Error).message
    if (error instanceof MismatchError) Object.assign(verdict, error.details)
  }
  verdict.elapsedMs = components.now() - startedAt
  return verdict
}

/** Fills in the verdict as far as it gets; throws what stands in the way of `ok`. */
async function checkClaim (
  components: VerdictComponents, task: TaskBundle, claim: Claim, options: VerifyOptions, verdict: Verdict
): Promise<void> {
  checkObject(claim, 'claim')
  const miner = parseAddress(claim.miner)
  const { cid } = parseReference(claim.ref)
  verdict.miner = miner
  verdict.digest = digestOf(cid)
  if (claim.hash !== undefined) await checkHash(cid, claim.hash, options.hashOf)
  const result = await components.fetchResult(claim.ref, { ...options, providers: [miner, ...options.providers ?? []] })
  verdict.result = result
  const others = claim.statement === undefined ? [] : [verifyStatement(claim.statement)]
  verdict.statement = checkResult(result, { task, taskId: options.taskId, miner }, others)
  verdict.content = await contentDigest(result, options)
  verdict.reason = `complete, verified, signed by ${miner}`
}

/** What was claimed, for the record: also when it is nothing that could be meant. */
function asText (value: unknown): string {
  if (typeof value === 'string') return value
  return CID.asCID(value)?.toString() ?? describeValue(value)
}

function agreements (verdicts: readonly Verdict[]): Agreement[] {
  const groups = new Map<Hex, Agreement>()
  for (const { status, content, miner } of verdicts) {
    if (status !== 'ok' || content === undefined) continue
    const group = groups.get(content) ?? { content, miners: [] }
    group.miners.push(miner)
    groups.set(content, group)
  }
  return [...groups.values()].sort((a, b) => b.miners.length - a.miners.length)
}
