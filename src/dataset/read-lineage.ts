import { InvalidArgumentError, WrongKindError } from '../errors.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { countsAs } from '../format/delegated.ts'
import { checkPath } from '../format/entry-name.ts'
import { formatUrn, parseReference } from '../format/reference.ts'
import { lineageReadConcurrency } from '../limits.ts'
import { Lineage } from './lineage.ts'
import { linkedResults } from './linked-results.ts'
import type { LinkedResultComponents } from './linked-results.ts'
import type { MadeFrom, Maker } from './lineage.ts'
import type { Bundle, ResultBundle } from '../interface/bundle.ts'
import type { DatasetInit, GeneratedBy } from '../interface/dataset.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { AbortOptions, Reference } from '../interface/primitives.ts'
import type { ProvenanceResult } from '../interface/provenance.ts'

/** What finding out who made something needs. */
export interface LineageComponents extends LinkedResultComponents {
  open: (ref: Reference, options: FetchOptions) => Promise<Bundle>
}

/** What is said of a version's files already. */
export interface LineageInit extends Pick<DatasetInit, 'files' | 'generatedBy'> {
  /** What is known of files that are linked from the version before. What the host names goes before it. */
  handedOn?: readonly MadeFrom[]
}

/**
 * Finds out which results made which files: those that the host names, and those that a file is linked from. Of each result
 * only the manifest and the miner's statement are read.
 *
 * @throws {@link InvalidArgumentError} when `generatedBy` is not of its form, or names a path twice
 * @throws {@link WrongKindError} when what it names is no result
 * @throws what opening a result throws
 */
export async function readLineage (
  components: LineageComponents, init: LineageInit, options: AbortOptions = {}
): Promise<Lineage> {
  const said = checkGeneratedBy(init.generatedBy ?? [])
  const paths = new Set(said.map(({ path }) => path))
  const handedOn = (init.handedOn ?? []).filter(({ path }) => !paths.has(path.slice('data/'.length)))
  const known = new Set([...paths, ...handedOn.map(({ path }) => path.slice('data/'.length))])
  const linked = await linkedResults(components, (init.files ?? []).filter(({ name }) => !known.has(name)), options)
  const roots = new Map<string, Reference>()
  const noteAll = (refs: readonly Reference[]): void => { for (const ref of refs) roots.set(rootText(ref), ref) }
  for (const { results, rowGroups = [] } of said) {
    noteAll(results)
    for (const group of rowGroups) noteAll(group.results)
  }
  noteAll(linked.map(({ root }) => root))
  const results = new Map<string, ProvenanceResult>()
  await forEachConcurrent(roots, lineageReadConcurrency, async ([root, ref]) => {
    results.set(root, await readResult(components, ref, options))
  })
  const find = (ref: Reference): ProvenanceResult => {
    const result = results.get(rootText(ref))
    if (result === undefined) throw new TypeError('A result was not read')
    return result
  }
  return new Lineage([
    ...handedOn,
    ...said.map(({ path, results, rowGroups }) => ({
      path: `data/${path}`,
      makers: results.map((ref): Maker => ({ result: find(ref) })),
      ...(rowGroups === undefined ? {} : { rowGroups: rowGroups.map(({ results }) => results.map(find)) })
    })),
    ...linked.map(({ name, root, path }) => ({ path: `data/${name}`, makers: [{ result: find(root), linked: path }] }))
  ])
}

async function readResult ({ open }: LineageComponents, ref: Reference, options: AbortOptions): Promise<ProvenanceResult> {
  const bundle = await open(ref, options)
  try {
    if (bundle.manifest?.kind !== 'result') {
      const actual = bundle.manifest?.kind
      throw new WrongKindError(`${bundle.urn} is no result, and generatedBy names results`, { expected: 'result', actual })
    }
    return describeResult(bundle as ResultBundle)
  } finally {
    await bundle.close()
  }
}

/** What a dataset says of a result that it was made from. */
export function describeResult (
  { cid, delegations, statements, manifest }: Pick<ResultBundle, 'cid' | 'delegations' | 'statements' | 'manifest'>
): ProvenanceResult {
  const { answers, task, miner, model } = manifest
  const signed = statements.find(statement => countsAs(statement, miner, delegations))
  return {
    root: cid.toString(),
    answers,
    task: { chainId: task.chainId, queue: task.queue, sessionId: task.sessionId, taskId: task.taskId },
    miner,
    ...(model === undefined ? {} : { model: modelOf(model) }),
    ...(signed === undefined ? {} : { statement: signed.statement })
  }
}

function modelOf ({ name, digest }: NonNullable<ProvenanceResult['model']>): NonNullable<ProvenanceResult['model']> {
  return { name, ...(digest === undefined ? {} : { digest }) }
}

function checkGeneratedBy (given: unknown): readonly GeneratedBy[] {
  if (!Array.isArray(given)) throw invalidArgument('generatedBy', 'an array of { path, results }', given)
  const paths = new Set<string>()
  for (const [index, one] of (given as unknown[]).entries()) {
    const field = `generatedBy[${index}]`
    checkObject(one, field)
    checkPath(one['path'] as string)
    const path = String(one['path'])
    if (paths.has(path)) throw new InvalidArgumentError(`${field}.path is named a second time: ${path}`)
    paths.add(path)
    checkResults(one['results'], `${field}.results`)
    const rowGroups: unknown = one['rowGroups'] ?? []
    if (!Array.isArray(rowGroups)) throw invalidArgument(`${field}.rowGroups`, 'an array of { results }', rowGroups)
    for (const [at, group] of (rowGroups as unknown[]).entries()) {
      checkObject(group, `${field}.rowGroups[${at}]`)
      checkResults(group['results'], `${field}.rowGroups[${at}].results`)
    }
  }
  return given as readonly GeneratedBy[]
}

function checkResults (results: unknown, name: string): void {
  if (!Array.isArray(results) || results.length === 0) throw invalidArgument(name, 'an array of at least one result', results)
  for (const ref of results as Reference[]) parseReference(ref)
}

function rootText (ref: Reference): string {
  return formatUrn(parseReference(ref).cid)
}
