import { taskText } from '../bundle/task-reference.ts'
import { checkOptions, invalidArgument } from '../format/argument.ts'
import { decodeAnchorReceipts } from '../format/anchor-receipts.ts'
import { delegationOf, signersOf } from '../format/delegated.ts'
import { readDelegation } from '../format/delegation.ts'
import { isAddress } from '../format/hex.ts'
import { formatUrn } from '../format/reference.ts'
import { readStatement } from '../format/statement.ts'
import {
  anchorReceiptsBytesMax, auditKeyBytesMax, delegationsMax, evidenceLogsMax, knownDelegationsMax, proofBytesMax, statementBytesMax
} from '../limits.ts'
import { isAbout } from './check-result.ts'
import { checkAnchorList, checkAnchors } from './check-anchors.ts'
import { claimsOfDelegations, readPublisherDelegations, spokenFor } from './evidence-delegations.ts'
import { checking, invalidEvidence } from './invalid-evidence.ts'
import { checkLogProof } from './log-proofs.ts'
import { readEnvelope } from './read-envelope.ts'
import { readEvidence } from './read-evidence.ts'
import { recheckAgreements } from './recheck-agreements.ts'
import { recheckVerdict } from './recheck-verdict.ts'
import { timeText } from './time-text.ts'
import type { AnchorReceipt } from '../interface/anchor.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Delegation, SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceClaim, EvidenceLog, ExportPayload, VerifiedEvidence, VerifyEvidenceOptions } from '../interface/evidence.ts'
import type { ByteSource } from '../interface/source.ts'
import type { EnvelopeTree, OpenEnvelope } from './read-envelope.ts'
import type { ReadEvidence } from './read-evidence.ts'

const entries: readonly string[] = ['manifest.json', 'evidence', 'statement.json', 'anchors.json', 'proofs', 'audit-keys', 'delegations']

/** What is not in a file of each kind. */
const leftOut: Readonly<Record<ExportPayload, string>> = {
  none: '; of prompt, inputs, outputs, logs and artifacts it has only what names them',
  outputs: '; of prompt, inputs, logs and artifacts it has only what names them',
  all: ''
}

/** What the envelope says beside the evidence. */
interface Envelope {
  evidence: ReadEvidence
  signed: SignedStatement
  /** By which whoever signed it speaks for a wallet. */
  delegations: SignedDelegation[]
  logs: EvidenceLog[]
  receipts: AnchorReceipt[]
}

/**
 * Checks a file of evidence, as `exportEvidence` of a node writes it: without a node, and without asking anybody unless `anchors`
 * are given. Two things come of it. A file that is broken is refused, whichever byte of it is another one, and the error says
 * which claim fell. Of one that is whole, `claims` says in words what is proven, what is somebody's word only, and where what the
 * publisher says is not what the evidence shows: then it is refuted, and `ok` is false.
 *
 * Whether the publisher is an oracle that you trust is not looked at: compare `signer`, and `wallets` where it is known by one.
 *
 * @param file - the bytes of the file, or a source of them, read once and to its end
 * @throws {@link InvalidEvidenceError} when the file is broken; `details.claim` says what fell because of it
 * @throws {@link InvalidArgumentError} when an argument is not of its form
 * @throws {@link InvalidDelegationError} when one of `delegations` is none
 * @throws the signal's reason, and what the source throws
 */
export async function verifyEvidence (
  file: Uint8Array | ByteSource, options: VerifyEvidenceOptions = {}
): Promise<VerifiedEvidence> {
  checkOptions(options)
  const { anchors = [], signal = new AbortController().signal } = options
  checkAnchorList(anchors)
  const known = readKnown(options.delegations ?? [])
  const open = await readEnvelope(file, { signal })
  const { evidence, signed, delegations, logs, receipts } = await readAll(open, known)
  const spoken = [...delegations, ...known]
  const claims = [
    ...claimsOfFile(open, evidence),
    ...claimsOfStatement(signed, evidence),
    ...claimsOfDelegations(signed, delegations, spoken),
    ...claimsOfResults(evidence),
    ...evidence.found.verdicts.map(verdict => recheckVerdict(evidence, verdict)),
    recheckAgreements(evidence.found),
    ...claimsOfLogs(logs, signed),
    ...receipts.length === 0 ? [notAnchored(evidence)] : await checkAnchors(receipts, anchors, signal)
  ]
  const { cid, digest, task, manifest, found: { verdicts, agreements } } = evidence
  return {
    ok: claims.every(({ holds }) => holds !== 'refuted'), claims, cid, digest, payload: open.manifest.payload, task: manifest.task,
    taskCid: task.cid, signer: signed.signer, statement: signed.statement, wallets: signersOf(signed, spoken).slice(1),
    verdicts, agreements, logs, receipts,
    blocks: open.blocks, bytes: open.bytes
  }
}

/** @throws {@link InvalidArgumentError} when it is not a list of delegations */
function readKnown (delegations: readonly (Delegation | Uint8Array | string)[]): SignedDelegation[] {
  if (!Array.isArray(delegations) || delegations.length > knownDelegationsMax) {
    throw invalidArgument('delegations', `an array of at most ${knownDelegationsMax} delegations`, delegations)
  }
  return delegations.map(readDelegation)
}

async function readAll ({ tree, manifest }: OpenEnvelope, known: readonly SignedDelegation[]): Promise<Envelope> {
  const unknown = [...(await tree.entries('')).keys()].find(name => !entries.includes(name))
  if (unknown !== undefined) throw invalidEvidence('', `The envelope has an entry ${JSON.stringify(unknown)}, which none may have`)
  const cid = await tree.cid('evidence')
  if (cid.toV1().toString() !== manifest.evidence) throw invalidEvidence('', `The envelope is of ${manifest.evidence}, and links ${cid.toString()}`)
  const evidence = await readEvidence(tree, known)
  const signed = await readSigned(tree, evidence)
  const delegations = await readPublisherDelegations(tree, signed, delegationsMax)
  const logs = await readLogs(tree, signed)
  const bytes = await tree.bytes('anchors.json', anchorReceiptsBytesMax)
  const receipts = await checking('anchors.json', () => decodeAnchorReceipts(bytes))
  const stray = receipts.find(receipt => logs.every(({ digest }) => digest !== receipt.digest))
  if (stray === undefined) return { evidence, signed, delegations, logs, receipts }
  throw invalidEvidence('anchors.json', `A receipt is of ${stray.digest}, which is no checkpoint of a log that has the evidence`)
}

async function readSigned (tree: EnvelopeTree, { cid, digest, manifest, task }: ReadEvidence): Promise<SignedStatement> {
  const path = 'statement.json'
  const bytes = await tree.bytes(path, statementBytesMax)
  const signed = await checking(path, () => readStatement(bytes))
  const { kind, root, answers, task: about } = signed.statement
  if (root !== digest) throw invalidEvidence(path, `The statement is about ${root}, and the evidence is ${digest}, which is ${formatUrn(cid)}`)
  if (kind === 'evidence' && answers === task.digest && about !== undefined && taskText(about) === taskText(manifest.task)) return signed
  throw invalidEvidence(path, `The statement is not one about evidence on task ${taskText(manifest.task)}`)
}

async function readLogs (tree: EnvelopeTree, { statement }: SignedStatement): Promise<EvidenceLog[]> {
  const [proofs, keys] = [await tree.entriesIfAny('proofs'), await tree.entriesIfAny('audit-keys')]
  if (proofs.size > evidenceLogsMax) throw invalidEvidence('proofs', `There are proofs of ${proofs.size} logs, and at most ${evidenceLogsMax} are taken`)
  const logs: EvidenceLog[] = []
  for (const name of proofs.keys()) {
    const [path, address] = [`proofs/${name}`, name.replace(/\.tlog-proof$/, '')]
    if (!isAddress(address) || name !== `${address}.tlog-proof`) throw invalidEvidence(path, `${path} is not named by an address`)
    const proof = await tree.bytes(path, proofBytesMax)
    const auditKey = await tree.bytes(`audit-keys/${address}.json`, auditKeyBytesMax)
    const { log } = await checking(path, () => checkLogProof(statement, { proof, auditKey }))
    if (log.address !== address) throw invalidEvidence(path, `${path} is of a log of ${log.address}`)
    logs.push(log)
  }
  const known = new Set(logs.map(({ address }) => `${address}.json`))
  const stray = [...keys.keys()].find(name => !known.has(name))
  if (stray !== undefined) throw invalidEvidence(`audit-keys/${stray}`, `audit-keys/${stray} is of no log that a proof is of`)
  return logs
}

function claimsOfFile ({ manifest, blocks, bytes }: OpenEnvelope, evidence: ReadEvidence): EvidenceClaim[] {
  const { cid, manifest: { task }, results } = evidence
  return [
    { code: 'file', subject: cid.toString(), holds: 'proven', words: `whole: ${blocks} blocks in ${bytes} bytes, each hashes to its name, none is missing and none is extra${leftOut[manifest.payload]}` },
    { code: 'evidence', subject: cid.toString(), holds: 'proven', words: `evidence on task ${taskText(task)}, which links the task and the results of ${results.size} miners by their hashes` }
  ]
}

function claimsOfStatement ({ signer, statement: { time } }: SignedStatement, { cid }: ReadEvidence): EvidenceClaim[] {
  return [
    { code: 'statement', subject: signer, holds: 'proven', words: `${signer} signed ${formatUrn(cid)}` },
    { code: 'time', subject: signer, holds: 'not-proven', words: `signed at ${timeText(time)}, as ${signer} claims` }
  ]
}

function claimsOfResults (evidence: ReadEvidence): EvidenceClaim[] {
  const { results, statements, delegations, manifest: { task: reference }, task } = evidence
  return [...results].flatMap(([miner, { urn, digest }]): EvidenceClaim[] => {
    const accepted = statements.get(miner)?.accepted
    if (accepted === undefined) return []
    const { statement, signer } = accepted
    const by = delegationOf(accepted, miner, delegations)
    if (signer !== miner && by === undefined) return []
    if (statement.root !== digest || !isAbout(statement, reference, task.digest)) return []
    const whose = by === undefined ? 'its result' : `the result of ${miner}`
    const why = by === undefined ? '' : `; ${spokenFor(by)}`
    const words = `${signer} signed ${urn} as ${whose} of task ${taskText(reference)}, at ${timeText(statement.time)}, as it claims${why}`
    return [{ code: 'result', subject: miner, holds: 'proven', words }]
  })
}

function claimsOfLogs (logs: readonly EvidenceLog[], { signer }: SignedStatement): EvidenceClaim[] {
  const code = 'inclusion'
  if (logs.length === 0) return [{ code, subject: signer, holds: 'not-proven', words: 'in no log, as far as the file says' }]
  return logs.map(({ address, index, size, digest }) => {
    const whose = address === signer ? '' : "; it is another node's log, and not that of whoever signed it"
    return { code, subject: address, holds: 'proven', words: `entry ${index} of ${size} in the log of ${address}, under its checkpoint ${digest}${whose}` }
  })
}

function notAnchored ({ cid }: ReadEvidence): EvidenceClaim {
  return { code: 'anchor', subject: cid.toString(), holds: 'not-proven', words: 'anchored nowhere, as far as the file says' }
}
