import { digestOf } from '../format/digest.ts'
import { isAddress } from '../format/hex.ts'
import { formatUrn } from '../format/reference.ts'
import { readStatement } from '../format/statement.ts'
import { decodeVerdicts } from '../format/verdicts.ts'
import { claimsMax, statementBytesMax, statementsMax, verdictsBytesMax } from '../limits.ts'
import { sessionOf, taskText } from '../bundle/task-reference.ts'
import { digestOfAnswer } from './content-digest.ts'
import { readDelegationFiles } from './evidence-delegations.ts'
import { checking, invalidEvidence } from './invalid-evidence.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceManifest, Manifest, ResultManifest, TaskManifest } from '../interface/manifest.ts'
import type { Address, Digest, Hex } from '../interface/primitives.ts'
import type { RecordedVerdicts } from '../format/verdicts.ts'
import type { EnvelopeTree } from './read-envelope.ts'
import type { CID } from 'multiformats/cid'

/** A miner's result, as far as it is in every file of evidence. */
export interface EvidenceResult {
  cid: CID
  digest: Digest
  urn: string
  manifest: ResultManifest
  /** Digest over its answer; undefined when there is none in it. */
  content: Hex | undefined
}

/** Statements that came with the claims of one miner, each with whoever signed it. */
export interface EvidenceStatements {
  accepted: SignedStatement | undefined
  others: readonly SignedStatement[]
}

/** An evidence bundle whose parts are each in order. Whether they bear out what the oracle says is another question. */
export interface ReadEvidence {
  cid: CID
  digest: Digest
  manifest: EvidenceManifest
  task: { cid: CID, digest: Digest, manifest: TaskManifest }
  results: ReadonlyMap<Address, EvidenceResult>
  statements: ReadonlyMap<Address, EvidenceStatements>
  /** By which nodes speak for miners: in the evidence, or known to whoever reads it. */
  delegations: readonly SignedDelegation[]
  found: RecordedVerdicts
}

const root = 'evidence'

/**
 * Reads the evidence bundle in an envelope.
 *
 * @param known - delegations that whoever reads it knows
 * @throws {@link InvalidEvidenceError} when something in it is not of its form, or does not belong to the same task
 */
export async function readEvidence (tree: EnvelopeTree, known: readonly SignedDelegation[] = []): Promise<ReadEvidence> {
  const cid = await tree.cid(root)
  const manifest = await tree.manifest(root)
  if (manifest.kind !== 'evidence') throw invalidEvidence(root, `What is exported is of kind ${manifest.kind}, and no evidence`)
  const task = await readTask(tree, manifest as EvidenceManifest)
  const bytes = await tree.bytes(`${root}/verdicts.json`, verdictsBytesMax)
  const found = await checking(`${root}/verdicts.json`, () => decodeVerdicts(bytes))
  const [results, statements] = [await readResults(tree), await readStatements(tree)]
  const own = await readDelegationFiles(tree, `${root}/delegations`, claimsMax)
  const claimed = new Set<string>(found.verdicts.map(({ miner }) => miner))
  for (const miner of [...results.keys(), ...statements.keys(), ...own.map(({ wallet }) => wallet)]) {
    if (!claimed.has(miner)) throw invalidEvidence(`${root}/results/${miner}`, `There is something of ${miner}, on whom there is no verdict`)
  }
  const digest = await checking(root, () => digestOf(cid))
  const delegations = [...own, ...known]
  return { cid, digest, manifest: manifest as EvidenceManifest, task, results, statements, delegations, found }
}

async function readTask (tree: EnvelopeTree, { answers, task }: EvidenceManifest): Promise<ReadEvidence['task']> {
  const path = `${root}/task`
  const cid = await tree.cid(path)
  if (cid.toV1().toString() !== answers) {
    throw invalidEvidence(path, `The evidence is about task bundle ${answers}, and links ${cid.toString()}`)
  }
  const manifest: Manifest = await tree.manifest(path)
  if (manifest.kind !== 'task') throw invalidEvidence(path, `What the evidence links as its task is of kind ${manifest.kind}`)
  const { session } = manifest as TaskManifest
  if (taskText({ ...sessionOf(session), taskId: task.taskId }) !== taskText(task)) {
    throw invalidEvidence(path, `The evidence is about task ${taskText(task)}, and its task bundle is of another session`)
  }
  return { cid, digest: await checking(path, () => digestOf(cid)), manifest: manifest as TaskManifest }
}

async function readResults (tree: EnvelopeTree): Promise<ReadonlyMap<Address, EvidenceResult>> {
  const results = new Map<Address, EvidenceResult>()
  const entries = await tree.entriesIfAny(`${root}/results`)
  if (entries.size > claimsMax) throw invalidEvidence(`${root}/results`, `There are results of ${entries.size} miners, and at most ${claimsMax} claims`)
  for (const [name, cid] of entries) {
    const path = `${root}/results/${name}`
    if (!isAddress(name)) throw invalidEvidence(path, `${path} is not named by an address`)
    const manifest: Manifest = await tree.manifest(path)
    if (manifest.kind !== 'result') throw invalidEvidence(path, `What is linked as the result of ${name} is of kind ${manifest.kind}`)
    const answer = await tree.entries(path)
    results.set(name, await checking(path, () => {
      const urn = formatUrn(cid)
      const hasAnswer = answer.has('output.json') || answer.has('outputs')
      const content = hasAnswer ? digestOfAnswer(urn, answer) : undefined
      return { cid, digest: digestOf(cid), urn, manifest: manifest as ResultManifest, content }
    }))
  }
  return results
}

async function readStatements (tree: EnvelopeTree): Promise<ReadonlyMap<Address, EvidenceStatements>> {
  const folder = `${root}/statements`
  const statements = new Map<Address, { accepted: SignedStatement | undefined, others: SignedStatement[] }>()
  const entries = await tree.entriesIfAny(folder)
  const max = claimsMax * (statementsMax + 2)
  if (entries.size > max) throw invalidEvidence(folder, `There are ${entries.size} statements, and at most ${max} are taken`)
  for (const name of inOrder(entries.keys())) {
    const path = `${folder}/${name}`
    const [, miner, number] = /^(0x[0-9a-f]{40})(?:\.([1-9][0-9]*))?\.json$/.exec(name) ?? []
    if (miner === undefined) throw invalidEvidence(path, `${path} is not named by an address`)
    const bytes = await tree.bytes(path, statementBytesMax)
    const signed = await checking(path, () => readStatement(bytes))
    const known = statements.get(miner as Address) ?? { accepted: undefined, others: [] }
    statements.set(miner as Address, known)
    if (number === undefined) known.accepted = signed
    else known.others.push(signed)
  }
  return statements
}

/** By their numbers, which the order of names is not. */
function inOrder (names: Iterable<string>): string[] {
  const numberOf = (name: string): number => Number(/\.([0-9]+)\.json$/.exec(name)?.[1] ?? 0)
  return [...names].sort((a, b) => numberOf(a) - numberOf(b))
}
