import { FileNotFoundError, InvalidArgumentError } from '../errors.ts'
import { checkObject, checkOptional, invalidArgument } from '../format/argument.ts'
import { isAddress } from '../format/hex.ts'
import { decodeProvenance } from '../format/provenance.ts'
import { parseUint256 } from '../format/uint256.ts'
import { parseSession } from '../bundle/task-reference.ts'
import { provenanceBytesMax } from '../limits.ts'
import { appendedParts, readRowLineage } from './appended-parts.ts'
import type { RowLineage } from '../interface/append.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AffectedFile, AffectedResult } from '../interface/dataset-lineage.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Provenance, ProvenanceSelector } from '../interface/provenance.ts'

/** How to look for what was made. */
export interface FindAffectedOptions extends AbortOptions {
  /** What was found of tables of other versions, by the CID of what they say of their rows: it is read once. */
  seen?: Map<string, AffectedFile | undefined>
}

/**
 * The files of a version that were made from what is looked for, in the order of their paths. Of tables that rows were appended
 * to, what is said beside them counts, and nothing else.
 *
 * @throws {@link InvalidProvenanceError}, {@link NewerFormatError}, {@link LimitExceededError} when what is said is malformed
 */
export async function findAffected (
  bundle: Pick<DatasetBundle, 'bytes' | 'files' | 'stream'>, selector: ProvenanceSelector, given: FindAffectedOptions = {}
): Promise<AffectedFile[]> {
  const { seen = new Map<string, AffectedFile | undefined>(), ...options } = given
  const provenance = await readProvenance(bundle, options)
  const parts = await appendedParts(bundle, options)
  const files = provenance === undefined ? [] : affectedFiles(provenance, selector).filter(({ path }) => !parts.has(path))
  for (const [path, lineage] of parts) {
    const key = lineage.toString()
    const found = seen.has(key) ? seen.get(key) : await affectedPart(bundle, path, selector, options)
    seen.set(key, found)
    if (found !== undefined) files.push(found)
  }
  return files.sort((a, b) => a.path < b.path ? -1 : 1)
}

/**
 * Reads which results made what of a version; undefined when it does not say.
 *
 * @throws {@link InvalidProvenanceError}, {@link NewerFormatError}, {@link LimitExceededError} when what it says is malformed
 */
export async function readProvenance (
  bundle: Pick<DatasetBundle, 'bytes'>, options: AbortOptions = {}
): Promise<Provenance | undefined> {
  try {
    return decodeProvenance(await bundle.bytes('provenance.json', { ...options, bytesMax: provenanceBytesMax }))
  } catch (error) {
    if (error instanceof FileNotFoundError) return undefined
    throw error
  }
}

/** @throws {@link InvalidArgumentError} when nothing is looked for, or not in its form */
export function checkSelector (selector: unknown): asserts selector is ProvenanceSelector {
  checkObject(selector, 'selector')
  const { miner, task, model } = selector
  if (miner === undefined && task === undefined && model === undefined) {
    throw new InvalidArgumentError('selector names no miner, no task and no model: everything would be meant',
      { argument: 'selector' })
  }
  const isMiner = miner === undefined || (typeof miner === 'string' && isAddress(miner.toLowerCase()))
  if (!isMiner) throw invalidArgument('selector.miner', 'an address', miner)
  checkOptional(model, 'selector.model', 'string')
  if (task === undefined) return
  parseSession(task, 'selector.task')
  const { taskId } = task as NonNullable<ProvenanceSelector['task']>
  if (taskId !== undefined) parseUint256(taskId, 'selector.task.taskId')
}

/** The files that were made from what is looked for; of those whose row groups are known, which of them. */
export function affectedFiles ({ results, files }: Provenance, selector: ProvenanceSelector): AffectedFile[] {
  const meant = new Map(results.flatMap((result, place) => isMeant(result, selector) ? [[place, result] as const] : []))
  return files.flatMap(({ path, results: made, rowGroups }): AffectedFile[] => {
    const found = made.flatMap(place => meant.get(place) ?? [])
    if (found.length === 0) return []
    const groups = rowGroups?.flatMap((group, index) => group.some(place => meant.has(place)) ? [index] : [])
    // A result that is in no row group made something of the whole file.
    return [{ path, results: found, ...(groups === undefined || groups.length === 0 ? {} : { rowGroups: groups }) }]
  })
}

/** True when appended rows came from what is looked for. */
export function isMeantRow (line: RowLineage, selector: ProvenanceSelector): boolean {
  return isMeant(resultOf(line), selector)
}

async function affectedPart (
  bundle: Pick<DatasetBundle, 'stream'>, path: string, selector: ProvenanceSelector, options: AbortOptions
): Promise<AffectedFile | undefined> {
  const [results, rowGroups] = [new Map<string, AffectedResult>(), new Set<number>()]
  let rows = 0
  for await (const line of readRowLineage(bundle, path, options)) {
    const result = resultOf(line)
    if (!isMeant(result, selector)) continue
    results.set(result.root, result)
    rowGroups.add(line.rowGroup)
    rows += line.to - line.from
  }
  return rows === 0 ? undefined : { path, rowGroups: [...rowGroups], rows, results: [...results.values()] }
}

function resultOf ({ result, miner, answers, task, model, modelDigest: digest, statement }: RowLineage): AffectedResult {
  return {
    root: result, miner,
    ...(answers === undefined ? {} : { answers }),
    ...(task === undefined ? {} : { task }),
    ...(model === undefined ? {} : { model: { name: model, ...(digest === undefined ? {} : { digest }) } }),
    ...(statement === undefined ? {} : { statement })
  }
}

function isMeant ({ miner, task, model }: AffectedResult, selector: ProvenanceSelector): boolean {
  if (selector.miner !== undefined && miner !== selector.miner.toLowerCase()) return false
  if (selector.model !== undefined && model?.name !== selector.model && model?.digest !== selector.model) return false
  if (selector.task === undefined) return true
  if (task === undefined) return false
  const { chainId, queue, sessionId, taskId } = selector.task
  const isSession = task.chainId === chainId && task.queue === queue.toLowerCase() && task.sessionId === sessionId
  return isSession && (taskId === undefined || task.taskId === taskId)
}
