import { taskText } from '../bundle/task-reference.ts'
import { DataNodeError } from '../errors.ts'
import { delegationOf } from '../format/delegated.ts'
import { isAddress } from '../format/hex.ts'
import { parseReference } from '../format/reference.ts'
import { checkResult } from './check-result.ts'
import { checkSaid } from './check-said.ts'
import { spokenFor } from './evidence-delegations.ts'
import { statusOfError } from './status-of-error.ts'
import type { EvidenceClaim, EvidenceVerdict } from '../interface/evidence.ts'
import type { Address } from '../interface/primitives.ts'
import type { VerdictStatus } from '../interface/verdict.ts'
import type { EvidenceResult, EvidenceStatements, ReadEvidence } from './read-evidence.ts'

/** How a verdict stands. */
type Standing = Pick<EvidenceClaim, 'holds' | 'words'>

/** A verdict as it follows from what is in the evidence. */
interface Found {
  status: VerdictStatus | undefined
  because: string
}

/** Verdicts on claims of which nothing was looked at. */
const unseen: readonly VerdictStatus[] = ['mismatch', 'unavailable', 'embargoed']

const none: EvidenceStatements = { accepted: undefined, others: [] }

/**
 * Judges again what an oracle judged, from what is in the evidence alone: the result where there is one, else the statement that
 * came with the claim.
 */
export function recheckVerdict (evidence: ReadEvidence, verdict: EvidenceVerdict): EvidenceClaim {
  const { miner, status, digest } = verdict
  const claim = { code: 'verdict' as const, subject: miner }
  const said = judgeSaid(evidence, verdict)
  if (said.status === status) return { ...claim, ...proven(verdict, `so the statement that came with the claim says too: ${said.because}`) }
  const result = evidence.results.get(miner)
  const isOfResult = result !== undefined && digest === result.digest && !unseen.includes(status)
  if (!isOfResult) return { ...claim, ...ofClaim(evidence, verdict) }
  const standing = ofResult(evidence, verdict, result)
  // Of several claims of one miner the evidence does not say which one the result came of; one that is ok has to bear it out.
  const isAlone = evidence.found.verdicts.filter(other => other.miner === miner).length === 1
  return { ...claim, ...standing.holds === 'refuted' && !isAlone && status !== 'ok' ? ofClaim(evidence, verdict) : standing }
}

function ofResult (evidence: ReadEvidence, verdict: EvidenceVerdict, result: EvidenceResult): Standing {
  const { miner, status, content, copiedFrom } = verdict
  const { status: found, because } = judgeResult(evidence, miner, result)
  if (found !== status) return refuted(verdict, `what is in the evidence says ${found ?? 'nothing'}: ${because}`)
  if (status === 'ok' && content !== result.content) {
    return refuted(verdict, `its answer has the content digest ${result.content ?? '(none)'}, and not ${content ?? '(none)'}`)
  }
  if (status === 'copied' && copiedFrom !== result.manifest.miner) {
    return refuted(verdict, `the result names ${result.manifest.miner}, and not ${copiedFrom ?? 'anybody'}`)
  }
  return proven(verdict, `so what is in the evidence says too: ${because}`)
}

function judgeResult (evidence: ReadEvidence, miner: Address, result: EvidenceResult): Found {
  const { accepted, others } = evidence.statements.get(miner) ?? none
  const statements = accepted === undefined ? others : [accepted, ...others]
  return judging(() => {
    const { task, delegations, manifest: { task: { taskId } } } = evidence
    const { signature } = checkResult({ ...result, statements, delegations }, { task, taskId, miner })
    if (result.content === undefined) return { status: 'malformed', because: 'there is no answer in it' }
    const signed = statements.find(({ statement }) => statement.signature === signature)
    const by = signed && delegationOf(signed, miner, delegations)
    const who = by === undefined ? `${miner} signed it` : `${by.delegation.node} signed it, and ${spokenFor(by)}`
    return { status: 'ok', because: `${result.urn} answers task ${taskText(evidence.manifest.task)}, and ${who}` }
  })
}

/** Of claims whose result is not in the evidence. */
function ofClaim (evidence: ReadEvidence, verdict: EvidenceVerdict): Standing {
  const { miner, status, digest, expected, actual } = verdict
  if (status === 'ok' || status === 'unsigned') return refuted(verdict, 'the evidence has no result of it')
  if (status === 'mismatch' && expected !== undefined && expected === actual) return refuted(verdict, `both hashes are ${expected}`)
  const owner = status === 'copied' ? ownerOf(evidence, verdict) : undefined
  if (owner !== undefined) return proven(verdict, `it claimed ${digest ?? ''}, which is the result of ${owner}`)
  return { holds: 'not-proven', words: `${miner} is ${status} by the word of whoever published the evidence: ${whyNot(verdict)}` }
}

function judgeSaid (evidence: ReadEvidence, { miner, ref, digest }: EvidenceVerdict): Found {
  const [said] = evidence.statements.get(miner)?.others ?? []
  if (said === undefined || digest === undefined) return { status: undefined, because: '' }
  const miners = new Set(evidence.found.verdicts.map(({ miner }) => miner).filter(isAddress))
  return judging(() => {
    const claim = { miner, ref, cid: parseReference(ref).cid, digest, hash: undefined, said, delegations: [] }
    const { task, delegations, manifest: { task: { taskId } } } = evidence
    checkSaid(said, claim, { task, taskId, miners, delegations })
    return { status: undefined, because: '' }
  })
}

/** Whose result it is that was claimed, if that is in the evidence and is that of the miner who is said to have been copied. */
function ownerOf ({ results }: ReadEvidence, { miner, digest, copiedFrom }: EvidenceVerdict): Address | undefined {
  const owners = [...results.values()].filter(result => result.digest === digest).map(({ manifest }) => manifest.miner)
  return owners.find(owner => owner === copiedFrom && owner !== miner)
}

function judging (judge: () => Found): Found {
  try {
    return judge()
  } catch (error) {
    if (!(error instanceof DataNodeError)) throw error
    return { status: statusOfError[error.name], because: error.message }
  }
}

function whyNot ({ status, expected, actual }: EvidenceVerdict): string {
  switch (status) {
    case 'unavailable':
    case 'embargoed': return 'what nobody gave cannot be shown'
    case 'mismatch': return `compare the precommit on chain, which is said to be ${expected ?? 'another'}, with ${actual ?? 'that of the result'}`
    default: return 'what it was about is not in the evidence'
  }
}

function proven ({ miner, status }: EvidenceVerdict, because: string): Standing {
  return { holds: 'proven', words: `${miner} is ${status}, and ${because}` }
}

function refuted ({ miner, status }: EvidenceVerdict, because: string): Standing {
  return { holds: 'refuted', words: `${miner} is said to be ${status}, but ${because}` }
}
