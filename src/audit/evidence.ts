import { InvalidArgumentError } from '../errors.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { encodeStatement } from '../format/statement.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Readers } from '../interface/bundle.ts'
import type { EvidenceInit } from '../interface/data-node.ts'
import type { EvidenceManifest } from '../interface/manifest.ts'
import type { JsonObject } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'
import type { Verdicts } from '../interface/verdict.ts'

/**
 * What an evidence bundle is made of: task and results linked by CID, so that nothing is copied; each miner's
 * statement; the verdicts. By default anyone may read it when anyone may read all that it links, else nobody.
 *
 * @throws {@link InvalidArgumentError} when two verdicts with a result name the same miner
 */
export function evidenceBundleInit (
  { task, taskId, verdicts, scores, artifacts = [] }: EvidenceInit, readers: Readers | undefined
): BundleInit<EvidenceManifest> {
  const reference = { ...task.manifest.session, taskId }
  const delivered = verdicts.verdicts.filter(({ result }) => result !== undefined)
  if (new Set(delivered.map(({ miner }) => miner)).size !== delivered.length) {
    throw new InvalidArgumentError('two verdicts with a result name the same miner: evidence keeps one result for each')
  }
  const linked = [task, ...delivered.flatMap(({ result }) => result ?? [])]
  return {
    files: [
      { name: 'task', cid: task.cid },
      ...delivered.flatMap(({ miner, result }): FileSource[] => result === undefined ? [] : [{ name: `results/${miner}`, cid: result.cid }]),
      ...verdicts.verdicts.flatMap(({ miner, statement }): FileSource[] =>
        statement === undefined ? [] : [{ name: `statements/${miner}.json`, bytes: encodeStatement(statement) }]),
      { name: 'verdicts.json', bytes: encodeCanonicalJson(verdictsJson(verdicts, scores)) },
      ...artifacts.map(file => ({ ...file, name: `artifacts/${file.name}` }))
    ],
    manifest: () => ({ format: 'cortensor-bundle', version: '1.0', kind: 'evidence', answers: task.cid.toString(), task: reference }),
    readers: readers ?? (linked.every(({ access }) => access === 'anyone') ? 'anyone' : []),
    embargoed: false,
    held: true,
    answers: task.cid,
    task: reference
  }
}

/** Times are left out: they differ between oracles that found the same. */
function verdictsJson ({ verdicts, agreements }: Verdicts, scores: JsonObject | undefined): JsonObject {
  return {
    verdicts: verdicts.map(({ miner, ref, status, reason, digest, expected, actual, content }) => {
      const fields = { miner, ref, status, reason, digest, expected, actual, content }
      return Object.fromEntries(Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined))
    }),
    agreements: agreements.map(({ content, miners }) => ({ content, miners })),
    ...(scores === undefined ? {} : { scores })
  }
}
