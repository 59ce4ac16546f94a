import { DataNodeError, StoppedError, TimedOutError } from '../errors.ts'
import { anchorReadTimeoutMs, evidenceTrailTimeoutMs } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import { checkAnchorList } from './check-anchors.ts'
import { findAnchored } from './find-anchored.ts'
import { describeFound } from './find-evidence.ts'
import { createFollowedTrail } from './followed-trail.ts'
import { checkLogProof } from './log-proofs.ts'
import type { Anchor, AnchorReceipt } from '../interface/anchor.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { StatementProof } from '../interface/dataset-trail.ts'
import type { EvidenceInclusion, FoundEvidence } from '../interface/evidence-lookup.ts'
import type { Address, Digest } from '../interface/primitives.ts'
import type { Statement } from '../interface/statement.ts'
import type { EvidenceSearch, ToldEvidence } from './find-evidence.ts'
import type { FollowedLog } from './followed-log.ts'
import type { FollowedLogs } from './followed-logs.ts'
import type { RunCall } from './run-call.ts'

/** What proving needs from the node. */
export interface ProveEvidenceComponents {
  followed: Pick<FollowedLogs, 'forget' | 'list' | 'show' | 'update'>
  run: RunCall
  log: (line: string) => void
}

/** How to look at a trail. */
interface TrailTerms {
  /** True when the host asked for this oracle: then it is looked at although it is not followed. */
  isNamed: boolean
  signal: AbortSignal
}

/** By what, and until when. */
interface ProveTerms extends Pick<EvidenceSearch, 'anchors'> {
  signal: AbortSignal
}

/** How statements are proven. */
export type ProveStatementsTerms = ProveTerms & TrailTerms

/**
 * Proves of evidence that was found that its signer's own log has it: where that log is followed, and of an oracle that was asked
 * for also when it is not. What cannot be proven is left out.
 *
 * Rejects with the signal's reason only, and with what is no failure of others.
 */
export async function proveEvidence (
  components: ProveEvidenceComponents, found: readonly ToldEvidence[], { question, anchors }: EvidenceSearch, signal: AbortSignal
): Promise<FoundEvidence[]> {
  const terms = { anchors, isNamed: question.signer !== undefined, signal }
  const proofs = await proveStatements(components, found.map(({ signed }) => signed), terms)
  return found.map((told, at) => ({ ...describeFound(told), ...proofs[at] ?? { receipts: [] } }))
}

/** Proves of statements that the logs of their signers have them, as {@link proveEvidence} does; each in its place. */
export async function proveStatements (
  components: ProveEvidenceComponents, statements: readonly SignedStatement[], { anchors, isNamed, signal }: ProveStatementsTerms
): Promise<StatementProof[]> {
  const logs = new Map<Address, Promise<FollowedLog | undefined>>()
  const receipts = new Map<Digest, Promise<AnchorReceipt[]>>()
  const receiptsFor = async (digest: Digest): Promise<AnchorReceipt[]> => {
    const asked = receipts.get(digest) ?? receiptsOf(components, digest, { anchors, signal })
    receipts.set(digest, asked)
    return await asked
  }
  return await Promise.all(statements.map(async ({ signer, statement }): Promise<StatementProof> => {
    const looked = logs.get(signer) ?? logOf(components, signer, { isNamed, signal })
    logs.set(signer, looked)
    const log = await looked
    const inclusion = log && await prove(components, log, statement, signal)
    if (log?.mirror === undefined || inclusion === undefined) return { receipts: [] }
    const receipts = await receiptsFor(inclusion.log.digest)
    const anchored = anchors.length === 0 ? undefined : await findAnchored(log.mirror, inclusion.log, receiptsFor, { signal })
    return { inclusion, receipts, ...anchored === undefined ? {} : { anchored } }
  }))
}

/** Gives what proves one statement, by the log of its signer whether or not that is followed. */
export function proveStatement (components: ProveEvidenceComponents): (
  signed: SignedStatement, terms: { anchors: readonly Anchor[], signal: AbortSignal }
) => Promise<StatementProof> {
  return async (signed, { anchors, signal }) => {
    checkAnchorList(anchors)
    const [proof] = await proveStatements(components, [signed], { anchors, isNamed: true, signal })
    return proof ?? { receipts: [] }
  }
}

/** The log of a node, looked at now, else as it was seen last; undefined where nothing was seen of it. */
async function logOf (
  { followed, log }: ProveEvidenceComponents, address: Address, { isNamed, signal }: TrailTerms
): Promise<FollowedLog | undefined> {
  const known = (await followed.list()).find(log => log.address === address)
  if (known === undefined && !isNamed) return undefined
  const timedOut = (): Error => new TimedOutError(`it was not shown within ${evidenceTrailTimeoutMs} ms`)
  try {
    const show = async (own: AbortSignal): Promise<FollowedLog> => await followed.show(address, { signal: own })
    return await withDeadline(evidenceTrailTimeoutMs, signal, timedOut, show)
  } catch (error) {
    failed(error, signal)
    log(`evidence: the audit trail of ${address} cannot be looked at: ${String(error)}`)
    return known
  }
}

async function prove (
  { followed, run }: ProveEvidenceComponents, log: FollowedLog, statement: Statement, signal: AbortSignal
): Promise<EvidenceInclusion | undefined> {
  if (log.fork !== undefined) return undefined
  const trail = createFollowedTrail(log, followed, run)
  try {
    const proof = await trail.proveInclusion(statement, { signal })
    return checkLogProof(statement, { proof, auditKey: trail.checkpoint.auditKey })
  } catch (error) {
    failed(error, signal)
    return undefined
  }
}

/** Of every anchor that has it. One that fails says nothing. */
async function receiptsOf (
  { log }: ProveEvidenceComponents, digest: Digest, { anchors, signal }: ProveTerms
): Promise<AnchorReceipt[]> {
  const receipts = await Promise.all(anchors.map(async (anchor: Anchor) => {
    const timedOut = (): Error => new TimedOutError(`it did not answer within ${anchorReadTimeoutMs} ms`)
    try {
      const receipt = await withDeadline(anchorReadTimeoutMs, signal, timedOut, async own =>
        await anchor.read(digest, { signal: own }))
      return receipt?.digest === digest ? [receipt] : []
    } catch (error) {
      signal.throwIfAborted()
      log(`evidence: ${anchor.id} does not say whether it has ${digest}: ${String(error)}`)
      return []
    }
  }))
  return receipts.flat()
}

/** What others do wrong is no failure here; the rest is. */
function failed (error: unknown, signal: AbortSignal): void {
  signal.throwIfAborted()
  if (!(error instanceof DataNodeError) || error instanceof StoppedError) throw error
}
