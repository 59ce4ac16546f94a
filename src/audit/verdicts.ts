import { DataNodeError, InvalidArgumentError, LimitExceededError, MismatchError } from '../errors.ts'
import { parseReference } from '../format/reference.ts'
import { digestOf } from '../format/digest.ts'
import { verifyStatement } from '../format/statement.ts'
import { claimsConcurrency, claimsMax } from '../limits.ts'
import { checkHash } from './check-hash.ts'
import { checkResult } from './check-result.ts'
import { contentDigest } from './content-digest.ts'
import type { ResultBundle, TaskBundle } from '../interface/bundle.ts'
import type { FetchOptions, VerifyOptions } from '../interface/data-node.ts'
import type { Hex, Reference } from '../interface/primitives.ts'
import type { Agreement, Claim, Verdict, Verdicts, VerdictStatus } from '../interface/verdict.ts'

/** What judging needs from the node. */
export interface VerdictComponents {
  /** Milliseconds that never run backwards. */
  clock: () => number
  /** Fetches a result bundle, asking these providers first. */
  fetchResult: (ref: Reference, options: FetchOptions) => Promise<ResultBundle>
}

/** What each error says about the claim that led to it. */
const statusOf: Readonly<Record<string, VerdictStatus>> = {
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
 * with whom. A claim that is bad in any way is a verdict, never an exception.
 *
 * @throws {@link InvalidArgumentError} when `claims` is not a list, or longer than `claimsMax`
 * @throws the signal's reason when it is aborted
 */
export async function verifyResults (
  components: VerdictComponents, task: TaskBundle, claims: readonly Claim[], options: VerifyOptions
): Promise<Verdicts> {
  if (!isArray(claims)) throw new InvalidArgumentError('claims must be an array of { miner, ref }')
  if (claims.length > claimsMax) {
    throw new LimitExceededError(`${claims.length} claims are more than ${claimsMax}: ask in parts`,
      { limit: 'claimsMax', max: claimsMax, actual: claims.length })
  }
  const verdicts: Verdict[] = new Array<Verdict>(claims.length)
  const queue = claims.entries()
  const worker = async (): Promise<void> => {
    for (const [i, claim] of queue) verdicts[i] = await judge(components, task, claim, options)
  }
  await Promise.all(Array.from({ length: Math.min(claimsConcurrency, claims.length) }, worker))
  options.signal?.throwIfAborted()
  return { verdicts, agreements: agreements(verdicts) }
}

async function judge (components: VerdictComponents, task: TaskBundle, claim: Claim, options: VerifyOptions): Promise<Verdict> {
  const startedAt = components.clock()
  const verdict: Verdict = { miner: claim.miner, ref: String(claim.ref), status: 'ok', reason: '', elapsedMs: 0 }
  try {
    await checkClaim(components, task, claim, options, verdict)
  } catch (error) {
    verdict.status = statusOf[(error as Error).name] ?? 'unavailable'
    verdict.reason = error instanceof DataNodeError ? error.message : String(error)
    if (error instanceof MismatchError) Object.assign(verdict, error.details)
  }
  verdict.elapsedMs = components.clock() - startedAt
  return verdict
}

/** Fills in the verdict as far as it gets; throws what stands in the way of `ok`. */
async function checkClaim (
  components: VerdictComponents, task: TaskBundle, claim: Claim, options: VerifyOptions, verdict: Verdict
): Promise<void> {
  const { cid } = parseReference(claim.ref)
  verdict.digest = digestOf(cid)
  if (claim.hash !== undefined) await checkHash(cid, claim.hash, options.hashOf)
  const result = await components.fetchResult(claim.ref, { ...options, providers: [claim.miner, ...options.providers ?? []] })
  verdict.result = result
  const others = claim.statement === undefined ? [] : [verifyStatement(claim.statement)]
  verdict.statement = checkResult(result, { task, taskId: options.taskId, miner: claim.miner }, others)
  verdict.content = await contentDigest(result, options)
  verdict.reason = `complete, verified, signed by ${claim.miner}`
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

/** Unlike `Array.isArray` it does not turn the elements of what is known to be an array into `any`. */
function isArray (value: unknown): boolean {
  return Array.isArray(value)
}
