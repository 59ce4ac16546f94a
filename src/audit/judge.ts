import { DataNodeError, MismatchError, TimedOutError, WrongMinerError } from '../errors.ts'
import { delegationOf } from '../format/delegated.ts'
import { formatUrn } from '../format/reference.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { checkHash } from './check-hash.ts'
import { checkResult } from './check-result.ts'
import { checkSaid, isFromFuture } from './check-said.ts'
import { contentDigest } from './content-digest.ts'
import { fetchRevealed, isEmbargoed } from './fetch-revealed.ts'
import { statusOfError } from './status-of-error.ts'
import type { ResultBundle, SignedStatement } from '../interface/bundle.ts'
import type { HashOf } from '../interface/data-node.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { Address, Reference } from '../interface/primitives.ts'
import type { Verdict, VerdictStatus } from '../interface/verdict.ts'
import type { SaidTerms } from './check-said.ts'
import type { OpenClaim, ReadClaim } from './claim.ts'
import type { FetchRevealedInit } from './fetch-revealed.ts'

/** What judging needs from the node. */
export interface VerdictComponents extends Pick<FetchRevealedInit, 'random' | 'sleep'> {
  /** Milliseconds from any start, never going back. */
  now: () => number
  /** Milliseconds since 1970. */
  clock: () => number
  /** Delegations of a wallet that are known; by default none is. */
  delegationsOf?: (wallet: Address) => readonly SignedDelegation[]
  /** Fetches a result bundle, asking these providers first. */
  fetchResult: (ref: Reference, options: FetchOptions) => Promise<ResultBundle>
}

/** What claims are judged by. */
export interface Terms extends SaidTerms {
  hashOf: HashOf | undefined
  timeoutMs: number
  fetchOptions: Omit<FetchOptions, 'signal'>
  signal: AbortSignal
}

/**
 * Judges one claim: completes the verdict on it.
 *
 * @throws what goes wrong in this node or in `hashOf`, and the signal's reason
 */
export async function judge (components: VerdictComponents, { verdict, claim }: OpenClaim, terms: Terms): Promise<void> {
  if (claim === undefined) return
  const startedAt = components.now()
  // Whatever it throws is no evidence of anything.
  const hashOf = await askHost(claim, terms)
  try {
    await examine(components, claim, { ...terms, hashOf }, verdict)
  } catch (error) {
    terms.signal.throwIfAborted()
    const status = statusOf(error)
    if (status === undefined) throw error
    note(verdict, status, error as DataNodeError)
  } finally {
    verdict.elapsedMs = components.now() - startedAt
  }
}

/** Fills in the verdict as far as it gets; throws what stands in the way of `ok`. */
async function examine (components: VerdictComponents, claim: ReadClaim, terms: Terms, verdict: Verdict): Promise<void> {
  const { miner, ref, cid, hash, said } = claim
  const { hashOf, timeoutMs, fetchOptions, signal } = terms
  const statements = said === undefined ? [] : [said]
  const delegations = [...claim.delegations, ...components.delegationsOf?.(miner) ?? []]
  noteFuture(verdict, components.clock())
  if (hash !== undefined) await checkHash(cid, hash, hashOf)
  if (said !== undefined) checkSaid(said, claim, { ...terms, delegations })
  const providers = [miner, ...fetchOptions.providers ?? []]
  const fetch: FetchRevealedInit['fetch'] = async options => await components.fetchResult(ref, { ...fetchOptions, ...options, providers })
  const result = await fetchRevealed({ ...components, urn: formatUrn(cid), fetch, timeoutMs, signal })
  verdict.result = result
  verdict.statements = joined(result.statements, statements)
  noteFuture(verdict, components.clock())
  verdict.statement = checkResult(result, { ...terms, miner }, { statements, delegations })
  const signer = noteDelegation(verdict, [...delegations, ...result.delegations])
  verdict.content = await contentDigest(result, { signal })
  verdict.reason = `complete, verified, signed by ${signer === miner ? miner : `${signer} for ${miner}`}`
}

/** Says by whose delegation the accepted statement counts as the miner's. Returns who signed it. */
function noteDelegation (verdict: Verdict, delegations: readonly SignedDelegation[]): Address {
  const { miner, statement, statements = [] } = verdict
  const signed = statements.find(({ statement: { signature } }) => signature === statement?.signature)
  if (signed === undefined || signed.signer === miner) return miner
  const by = delegationOf(signed, miner, delegations)
  if (by !== undefined) verdict.delegation = by.delegation
  return signed.signer
}

/** What the host says the hash is; undefined where it is the digest of the root. */
async function askHost ({ cid, hash }: ReadClaim, { hashOf, timeoutMs, signal }: Terms): Promise<HashOf | undefined> {
  if (hash === undefined || hashOf === undefined) return undefined
  const urn = formatUrn(cid)
  const timedOut = (): Error => new TimedOutError(`hashOf gave no hash of ${urn} within ${timeoutMs} ms`)
  const actual = await withDeadline(timeoutMs, signal, timedOut, async () => await hashOf(urn))
  return () => actual
}

/** The same statement may have come both ways. */
function joined (statements: readonly SignedStatement[], others: readonly SignedStatement[]): SignedStatement[] {
  const known = new Set(statements.map(({ statement }) => statement.signature))
  return [...statements, ...others.filter(({ statement }) => !known.has(statement.signature))]
}

function statusOf (error: unknown): VerdictStatus | undefined {
  if (!(error instanceof DataNodeError)) return undefined
  return isEmbargoed(error) ? 'embargoed' : statusOfError[error.name]
}

function note (verdict: Verdict, status: VerdictStatus, error: DataNodeError): void {
  Object.assign(verdict, { status, reason: error.message, error })
  if (error instanceof MismatchError) Object.assign(verdict, error.details)
  if (error instanceof WrongMinerError) Object.assign(verdict, { copiedFrom: error.details['actual'] })
}

function noteFuture (verdict: Verdict, clockMs: number): void {
  const ahead = verdict.statements?.filter(signed => isFromFuture(signed, clockMs)) ?? []
  if (ahead.length > 0) verdict.futureStatements = ahead
}
