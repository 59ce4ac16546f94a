import { isPublic } from '../bundle/check-widening.ts'
import { checkTask } from '../bundle/check-task.ts'
import { filesBelow } from '../bundle/files-below.ts'
import { taskReference } from '../bundle/task-reference.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { encodeDelegation } from '../format/delegation.ts'
import { isAddress } from '../format/hex.ts'
import { manifestVersion } from '../format/manifest.ts'
import { encodeStatement } from '../format/statement.ts'
import { parseUint256 } from '../format/uint256.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Readers } from '../interface/bundle.ts'
import type { EvidenceInit } from '../interface/data-node.ts'
import type { EvidenceManifest } from '../interface/manifest.ts'
import type { JsonObject, JsonValue } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { Verdict, Verdicts } from '../interface/verdict.ts'

/**
 * What an evidence bundle is made of: task and results linked by CID, so that nothing is copied; the statement of each miner that
 * was accepted, the delegation by which it counts as the miner's, and beside it those that came with its claim and its result,
 * which verdicts such as `wrong-signer` are about; the verdicts. By default anyone may read it when anyone may read all that it
 * links, else nobody.
 *
 * @throws {@link InvalidArgumentError} when `task` is no handle, `verdicts` is not what verifyResults gives, two verdicts with
 *   a result name the same miner, or an artifact is not a {@link FileSource}
 * @throws {@link InvalidNameError} when the name of an artifact cannot be in a bundle
 */
export function evidenceBundleInit (
  evidence: EvidenceInit, readers: Readers | undefined, store: Pick<Store, 'record'>
): BundleInit<EvidenceManifest> {
  checkEvidence(evidence)
  const { task, taskId, verdicts, scores, artifacts } = evidence
  const reference = taskReference(task.manifest.session, parseUint256(taskId, 'taskId'))
  const delivered = verdicts.verdicts.flatMap(({ miner, result }) => result === undefined ? [] : [{ miner, result }])
  if (new Set(delivered.map(({ miner }) => miner)).size !== delivered.length) {
    throw new InvalidArgumentError('two verdicts with a result name the same miner: evidence keeps one result for each')
  }
  const linked = [task, ...delivered.map(({ result }) => result)]
  return {
    files: [
      { name: 'task', cid: task.cid },
      ...delivered.map(({ miner, result }) => ({ name: `results/${miner}`, cid: result.cid })),
      ...statementFiles(verdicts.verdicts),
      ...verdicts.verdicts.flatMap(({ miner, delegation }): FileSource[] =>
        delegation === undefined ? [] : [{ name: `delegations/${miner}.json`, bytes: encodeDelegation(delegation) }]),
      { name: 'verdicts.json', bytes: encodeCanonicalJson(verdictsJson(verdicts, scores)) },
      ...filesBelow('artifacts', artifacts)
    ],
    manifest: () => ({
      format: 'cortensor-bundle', version: manifestVersion, kind: 'evidence', answers: task.cid.toString(), task: reference
    }),
    readers: readers ?? (linked.every(({ cid, access }) => access === 'anyone' && isOpen(store.record(cid))) ? 'anyone' : []),
    embargoed: false,
    answers: task.cid,
    task: reference
  }
}

/** `<miner>.json` is the one that was accepted, `<miner>.<n>.json` are the others that came with its claims, from 1. */
function statementFiles (verdicts: readonly Verdict[]): FileSource[] {
  const others = new Map<string, number>()
  return verdicts.filter(({ miner }) => isAddress(miner)).flatMap(({ miner, statement: accepted, statements = [] }) => {
    const more = statements.filter(({ statement }) => statement.signature !== accepted?.signature)
    const first = (others.get(miner) ?? 0) + 1
    others.set(miner, first + more.length - 1)
    return [
      ...accepted === undefined ? [] : [{ name: `statements/${miner}.json`, bytes: encodeStatement(accepted) }],
      ...more.map(({ statement }, n) => ({ name: `statements/${miner}.${first + n}.json`, bytes: encodeStatement(statement) }))
    ]
  })
}

/** What is not stored cannot be linked either. */
function isOpen (stored: StoredBundle | undefined): boolean {
  return stored === undefined || isPublic(stored)
}

function checkEvidence (evidence: unknown): asserts evidence is EvidenceInit {
  checkObject(evidence, 'evidence')
  const { task, verdicts, scores } = evidence
  checkTask(task)
  checkObject(verdicts, 'verdicts')
  checkObjects(verdicts['verdicts'], 'verdicts.verdicts')
  checkObjects(verdicts['agreements'], 'verdicts.agreements')
  checkObjects(verdicts['comparisons'] ?? [], 'verdicts.comparisons')
  if (scores !== undefined) checkObject(scores, 'scores')
}

function checkObjects (values: unknown, name: string): void {
  if (!Array.isArray(values)) throw invalidArgument(name, 'an array, as verifyResults gives it', values)
  for (const [index, value] of (values as unknown[]).entries()) checkObject(value, `${name}[${index}]`)
}

/** How long it took is left out: it differs between oracles that found the same. */
function verdictsJson ({ verdicts, agreements, comparisons }: Verdicts, scores: JsonObject | undefined): JsonObject {
  return {
    verdicts: verdicts.map(({ miner, ref, status, reason, digest, expected, actual, copiedFrom, content, futureStatements }) => {
      const future = futureStatements?.map(({ signer, statement }) => ({ signer, time: statement.time }))
      return defined({ miner, ref, status, reason, digest, expected, actual, copiedFrom, content, futureStatements: future })
    }),
    agreements: agreements.map(({ content, miners }) => ({ content, miners })),
    ...defined({ comparisons: comparisons?.map(({ contents, score, error }) => defined({ contents, score, error })), scores })
  }
}

function defined (fields: Record<string, JsonValue | undefined>): JsonObject {
  return Object.fromEntries(Object.entries(fields).filter((field): field is [string, JsonValue] => field[1] !== undefined))
}
