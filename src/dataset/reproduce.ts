import { expectKind } from '../bundle/expect-kind.ts'
import { FileNotFoundError } from '../errors.ts'
import { readProvenance } from './affected.ts'
import { appendedParts, lineagePath } from './appended-parts.ts'
import { cidOfContent } from './content-cid.ts'
import { rebuildRows } from './reproduce-rows.ts'
import { describeVersion } from './versions.ts'
import type { Rebuilt } from './reproduce-rows.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { OpenResult, ReproducedDifference, ReproduceOptions, Reproduction } from '../interface/dataset-lineage.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { ProvenanceFile, ProvenanceResult } from '../interface/provenance.ts'

/**
 * Rebuilds every file of a version whose results are known, one after the other, and compares it with the published one. The
 * metadata are not made from results, and are taken as they are.
 *
 * @throws what opening a result throws
 */
export async function reproduceVersion (
  { open }: Pick<DatasetComponents, 'open'>, bundle: DatasetBundle, options: ReproduceOptions
): Promise<Reproduction> {
  const { signal, providers } = options
  const { results, files: made } = await readProvenance(bundle, { signal }) ?? { results: [], files: [] }
  const byPath = new Map(made.map(file => [file.path, file]))
  const openResult = async ({ root, miner }: Pick<ProvenanceResult, 'root' | 'miner'>): Promise<OpenResult> =>
    await expectKind(await open(root, { signal, providers: [...providers ?? [], miner] }), 'result')
  const rebuilding = { openResult, build: options.build, chunking: bundle.manifest.chunking }
  const parts = await appendedParts(bundle, { signal })
  const lineages = new Set(Array.from(parts.keys(), lineagePath))
  const rebuildOf = async (path: string, cid: string): Promise<Rebuilt | undefined> => {
    if (parts.has(path)) return await rebuildRows({ ...rebuilding, rows: options.rows, bundle }, path, cid, { signal })
    const file = byPath.get(path)
    if (file === undefined) return undefined
    const makers = file.results.flatMap(place => results[place] ?? [])
    return await rebuild(rebuilding, file, { makers, linkedFrom: linkedFrom(results, file) }, { signal })
  }
  const differences: ReproducedDifference[] = []
  let [files, unexplained] = [0, 0]
  for await (const { path, type, cid } of bundle.files('data', { signal })) {
    if (type !== 'file' || lineages.has(path)) continue
    files++
    const rebuilt = await rebuildOf(path, cid.toString())
    byPath.delete(path)
    if (rebuilt === undefined) unexplained++
    else if (rebuilt.cid !== cid.toString()) differences.push(differenceOf(path, cid.toString(), rebuilt))
  }
  // Named, and not there: nobody can say that it came out as it was published.
  for (const path of byPath.keys()) differences.push({ path, published: '', reason: 'differs' })
  differences.sort((a, b) => a.path < b.path ? -1 : 1)
  const [firstDifference] = differences
  return {
    ...describeVersion(bundle),
    isSame: firstDifference === undefined,
    ...(firstDifference === undefined ? {} : { firstDifference }),
    reproduced: files - unexplained - differences.filter(({ published }) => published !== '').length,
    files,
    appended: differences.flatMap(({ path, reason }) => reason === 'appended' ? [path] : []),
    unexplained
  }
}

interface RebuildComponents {
  openResult: (result: ProvenanceResult) => Promise<OpenResult>
  build: ReproduceOptions['build']
  chunking: string | undefined
}

interface Makers {
  makers: readonly ProvenanceResult[]
  linkedFrom: ProvenanceResult | undefined
}

async function rebuild (
  { openResult, build, chunking }: RebuildComponents, { path, linked }: ProvenanceFile, { makers, linkedFrom }: Makers,
  options: AbortOptions
): Promise<Rebuilt> {
  if (linked !== undefined && linkedFrom !== undefined) {
    const result = await openResult(linkedFrom)
    try {
      return await cidIn(result, linked.path, options)
    } finally {
      await result.close()
    }
  }
  if (build === undefined) return { reason: 'not-rebuilt' }
  const opened: OpenResult[] = []
  try {
    for (const maker of makers) opened.push(await openResult(maker))
    const content = await build({ path, results: opened })
    if (content === undefined) return { reason: 'not-rebuilt' }
    return { cid: await cidOfContent(content, { ...options, chunking }), reason: 'differs' }
  } finally {
    await Promise.all(opened.map(async result => { await result.close() }))
  }
}

async function cidIn (result: OpenResult, path: string, options: AbortOptions): Promise<Rebuilt> {
  try {
    for await (const entry of result.files(path, options)) {
      if (entry.path === path && entry.type === 'file') return { cid: entry.cid.toString(), reason: 'differs' }
      break
    }
    return { reason: 'not-in-result' }
  } catch (error) {
    if (error instanceof FileNotFoundError) return { reason: 'not-in-result' }
    throw error
  }
}

function linkedFrom (results: readonly ProvenanceResult[], { linked }: ProvenanceFile): ProvenanceResult | undefined {
  return linked === undefined ? undefined : results[linked.result]
}

function differenceOf (path: string, published: string, { cid, ...why }: Rebuilt): ReproducedDifference {
  return { path, published, ...why, ...(cid === undefined ? {} : { rebuilt: cid }) }
}
