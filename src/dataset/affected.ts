import { FileNotFoundError, InvalidArgumentError } from '../errors.ts'
import { checkObject, checkOptional, invalidArgument } from '../format/argument.ts'
import { isAddress } from '../format/hex.ts'
import { decodeProvenance } from '../format/provenance.ts'
import { parseUint256 } from '../format/uint256.ts'
import { parseSession } from '../bundle/task-reference.ts'
import { provenanceBytesMax } from '../limits.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { AffectedFile } from '../interface/dataset-lineage.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Provenance, ProvenanceResult, ProvenanceSelector } from '../interface/provenance.ts'

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

function isMeant ({ miner, task, model }: ProvenanceResult, selector: ProvenanceSelector): boolean {
  if (selector.miner !== undefined && miner !== selector.miner.toLowerCase()) return false
  if (selector.model !== undefined && model?.name !== selector.model && model?.digest !== selector.model) return false
  if (selector.task === undefined) return true
  const { chainId, queue, sessionId, taskId } = selector.task
  const isSession = task.chainId === chainId && task.queue === queue.toLowerCase() && task.sessionId === sessionId
  return isSession && (taskId === undefined || task.taskId === taskId)
}
