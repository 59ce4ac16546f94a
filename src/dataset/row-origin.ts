import { InvalidArgumentError } from '../errors.ts'
import { parseTaskReference, taskText } from '../bundle/task-reference.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import { parseAddress } from '../format/hex.ts'
import { parseReference } from '../format/reference.ts'
import { rowModelCharactersMax } from '../limits.ts'
import { describeResult } from './read-lineage.ts'
import type { RowLineage, RowOrigin } from '../interface/append.ts'
import type { Bundle, ResultBundle } from '../interface/bundle.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { ProvenanceResult } from '../interface/provenance.ts'
import type { Store } from '../interface/store.ts'

/** Where rows came from, as it is kept. */
export type KeptOrigin = Omit<RowLineage, 'path' | 'rowGroup' | 'from' | 'to'>

/** What finding out who made a result needs. */
export interface OriginComponents {
  store: Pick<Store, 'record'>
  open: (ref: Reference, options: FetchOptions) => Promise<Bundle>
}

/** @throws {@link InvalidArgumentError} when it is not where rows came from */
export function checkOrigin (origin: unknown): KeptOrigin {
  checkObject(origin, 'origin')
  const { result, miner, model, task } = origin as unknown as RowOrigin
  if (model !== undefined && !isModelName(model)) throw invalidArgument('origin.model', `text of 1 to ${rowModelCharactersMax} characters`, model)
  return {
    result: parseReference(result).cid.toString(),
    miner: parseAddress(miner),
    ...(model === undefined ? {} : { model }),
    ...(task === undefined ? {} : { task: parseTaskReference(task) })
  }
}

/**
 * Completes where rows came from by what a result says of itself, where this node has it. Nobody else is asked.
 *
 * @throws {@link InvalidArgumentError} when the result says otherwise
 */
export async function completeOrigin (
  { store, open }: OriginComponents, origin: KeptOrigin, options: AbortOptions = {}
): Promise<KeptOrigin> {
  const { cid } = parseReference(origin.result)
  if (store.record(cid)?.kind !== 'result') return origin
  const bundle = await open(cid, options)
  try {
    const said = describeResult(bundle as ResultBundle)
    checkSame(origin, said)
    const { answers, task, miner, model, statement } = said
    return {
      result: origin.result, miner, answers, task,
      ...modelOf(model ?? { name: origin.model }),
      ...(statement === undefined ? {} : { statement })
    }
  } finally {
    await bundle.close()
  }
}

function checkSame ({ result, miner, model, task }: KeptOrigin, said: ProvenanceResult): void {
  const refuse = (what: string, given: string, own: string): never => {
    throw new InvalidArgumentError(`origin.${what} is ${given}, and ${result} says ${own}: leave it out, or name the result that the rows came from`,
      { argument: `origin.${what}`, result })
  }
  if (miner !== said.miner) refuse('miner', miner, said.miner)
  const models = said.model === undefined ? [] : [said.model.name, said.model.digest]
  if (model !== undefined && models.length > 0 && !models.includes(model)) refuse('model', model, String(models[0]))
  if (task !== undefined && taskText(task) !== taskText(said.task)) refuse('task', taskText(task), taskText(said.task))
}

function modelOf ({ name, digest }: { name: string | undefined, digest?: string }): Pick<KeptOrigin, 'model' | 'modelDigest'> {
  return { ...(isModelName(name) ? { model: name } : {}), ...(isModelName(digest) ? { modelDigest: digest } : {}) }
}

function isModelName (model: unknown): model is string {
  return typeof model === 'string' && model !== '' && model.isWellFormed() && model.length <= rowModelCharactersMax
}
