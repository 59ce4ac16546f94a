import { expectKind } from '../bundle/expect-kind.ts'
import { nodeSha256 } from '../bundle/import.ts'
import { writeFile } from '../bundle/unixfs-writer.ts'
import { FileNotFoundError } from '../errors.ts'
import { invalidArgument } from '../format/argument.ts'
import { readProvenance } from './affected.ts'
import { describeVersion } from './versions.ts'
import type { WriteFileOptions } from '../bundle/unixfs-writer.ts'
import type { DatasetComponents } from './dataset-components.ts'
import type { DatasetBundle, ResultBundle } from '../interface/bundle.ts'
import type { ReproducedDifference, ReproduceOptions, Reproduction } from '../interface/dataset-lineage.ts'
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
  const openResult = async ({ root, miner }: ProvenanceResult): Promise<ResultBundle> =>
    await expectKind(await open(root, { signal, providers: [...providers ?? [], miner] }), 'result')
  const rebuilding = { openResult, build: options.build, chunking: bundle.manifest.chunking }
  const differences: ReproducedDifference[] = []
  let [files, unexplained] = [0, 0]
  for await (const { path, type, cid } of bundle.files('data', { signal })) {
    if (type !== 'file') continue
    files++
    const file = byPath.get(path)
    byPath.delete(path)
    if (file === undefined) unexplained++
    else {
      const makers = file.results.flatMap(place => results[place] ?? [])
      const rebuilt = await rebuild(rebuilding, file, { makers, linkedFrom: linkedFrom(results, file) }, { signal })
      if (rebuilt.cid !== cid.toString()) differences.push(differenceOf(path, cid.toString(), rebuilt))
    }
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
    unexplained
  }
}

interface Rebuilt {
  cid?: string
  reason: ReproducedDifference['reason']
}

interface RebuildComponents {
  openResult: (result: ProvenanceResult) => Promise<ResultBundle>
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
  const opened: ResultBundle[] = []
  try {
    for (const maker of makers) opened.push(await openResult(maker))
    const content = await build({ path, results: opened })
    if (content === undefined) return { reason: 'not-rebuilt' }
    return { cid: await cidOfContent(content, { ...options, chunking }), reason: 'differs' }
  } finally {
    await Promise.all(opened.map(async result => { await result.close() }))
  }
}

async function cidIn (result: ResultBundle, path: string, options: AbortOptions): Promise<Rebuilt> {
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

/** What the file would be called; nothing of it is stored. */
async function cidOfContent (content: unknown, options: WriteFileOptions): Promise<string> {
  const isIterable = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (!(content instanceof Uint8Array) && !isIterable) throw invalidArgument('what build() gives', 'bytes or an AsyncIterable of them', content)
  const pieces = content instanceof Uint8Array ? piecesOf(content) : content as AsyncIterable<Uint8Array>
  const { cid } = await writeFile({ put: async () => { await Promise.resolve() } }, pieces, { ...options, sha256: nodeSha256 })
  return cid.toString()
}

async function * piecesOf (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}

function linkedFrom (results: readonly ProvenanceResult[], { linked }: ProvenanceFile): ProvenanceResult | undefined {
  return linked === undefined ? undefined : results[linked.result]
}

function differenceOf (path: string, published: string, { cid, reason }: Rebuilt): ReproducedDifference {
  return { path, published, reason, ...(cid === undefined ? {} : { rebuilt: cid }) }
}
