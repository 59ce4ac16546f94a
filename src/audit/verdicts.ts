import { checkTask } from '../bundle/check-task.ts'
import { checkFetchOptions } from '../bundle/fetch-options.ts'
import { LimitExceededError } from '../errors.ts'
import { checkNumber, checkOptional, invalidArgument } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { parseUint256 } from '../format/uint256.ts'
import {
  agreementScoreDefault, claimsConcurrency, claimsMax, claimTimeoutMsDefault, compareTimeoutMsDefault, timerMsMax
} from '../limits.ts'
import { findAgreements } from './agreements.ts'
import { openClaim } from './claim.ts'
import { markCopies } from './copies.ts'
import { judge } from './judge.ts'
import type { TaskBundle } from '../interface/bundle.ts'
import type { VerifyOptions } from '../interface/data-node.ts'
import type { Claim, Verdict, Verdicts } from '../interface/verdict.ts'
import type { OpenClaim } from './claim.ts'
import type { VerdictComponents } from './judge.ts'

/**
 * Judges all claims on one task at the same time, each with a deadline of its own that begins when it is first asked for: one
 * verdict each, in the order of the claims, and who agrees with whom. A claim that is bad in any way is a verdict, never an
 * exception; what goes wrong in this node or in `hashOf` is thrown as it is. When it rejects, no result is left open.
 *
 * @throws {@link InvalidArgumentError} when `claims` is not a list, `task` no handle, or an option not of its form
 * @throws {@link LimitExceededError} when there are more than `claimsMax`
 * @throws {@link TimedOutError} when `hashOf` does not answer
 * @throws the signal's reason when it is aborted
 */
export async function verifyResults (
  components: VerdictComponents, task: TaskBundle, claims: readonly Claim[], options: VerifyOptions
): Promise<Verdicts> {
  checkVerifyOptions(options)
  checkTask(task)
  checkClaims(claims)
  options.signal?.throwIfAborted()
  const opened = Array.from(claims, openClaim)
  const verdicts = opened.map(({ verdict }) => verdict)
  const failed = new AbortController()
  const signal = AbortSignal.any([failed.signal, ...options.signal === undefined ? [] : [options.signal]])
  try {
    await judgeAll(components, opened, { task, options, signal, fail: error => { failed.abort(error) } })
    markCopies(verdicts)
    const { compare, agreementScore = agreementScoreDefault, compareTimeoutMs: timeoutMs = compareTimeoutMsDefault } = options
    return { verdicts, ...await findAgreements(verdicts, { compare, agreementScore, timeoutMs, signal }) }
  } catch (error) {
    await closeAll(verdicts)
    throw error
  }
}

/** All of it at once. */
interface JudgeAllInit {
  task: TaskBundle
  options: VerifyOptions
  signal: AbortSignal
  /** Ends all others: they would be waited for, and judged for nobody. */
  fail: (error: unknown) => void
}

async function judgeAll (components: VerdictComponents, opened: readonly OpenClaim[], init: JudgeAllInit): Promise<void> {
  const { task, options, signal, fail } = init
  const { taskId, hashOf, claimTimeoutMs: timeoutMs = claimTimeoutMsDefault } = options
  const miners = new Set(opened.flatMap(({ claim }) => claim === undefined ? [] : [claim.miner]))
  const terms = { task, taskId, miners, hashOf, timeoutMs, fetchOptions: options, signal }
  await forEachConcurrent(opened, claimsConcurrency, async claim => {
    try {
      await judge(components, claim, terms)
    } catch (error) {
      fail(error)
      throw error
    }
  })
  signal.throwIfAborted()
}

async function closeAll (verdicts: readonly Verdict[]): Promise<void> {
  await Promise.allSettled(verdicts.map(async ({ result }) => { await result?.close() }))
}

function checkClaims (claims: unknown): void {
  if (!Array.isArray(claims)) throw invalidArgument('claims', 'an array of { miner, ref }', claims)
  if (claims.length <= claimsMax) return
  throw new LimitExceededError(`${claims.length} claims are more than ${claimsMax}: ask in parts`,
    { limit: 'claimsMax', max: claimsMax, actual: claims.length })
}

function checkVerifyOptions (options: VerifyOptions): void {
  checkFetchOptions(options)
  const { taskId, hashOf, claimTimeoutMs, compare, agreementScore, compareTimeoutMs } = options
  parseUint256(taskId, 'taskId')
  checkOptional(hashOf, 'hashOf', 'function')
  checkNumber(claimTimeoutMs, 'claimTimeoutMs', { min: 1, max: timerMsMax })
  checkOptional(compare, 'compare', 'function')
  if (agreementScore !== undefined && !Number.isFinite(agreementScore)) throw invalidArgument('agreementScore', 'a finite number', agreementScore)
  checkNumber(compareTimeoutMs, 'compareTimeoutMs', { min: 1, max: timerMsMax })
  if (compare === undefined && (agreementScore !== undefined || compareTimeoutMs !== undefined)) {
    throw invalidArgument('compare', 'a function where agreementScore or compareTimeoutMs is given', compare)
  }
}
