import { chunkings } from '../bundle/unixfs-writer.ts'
import { InvalidArgumentError } from '../errors.ts'
import { affectedFiles, readProvenance } from './affected.ts'
import { readMetadata } from './read-croissant.ts'
import { Lineage } from './lineage.ts'
import { after } from './version-rule.ts'
import type { MadeFrom } from './lineage.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { AffectedFile, WithoutOptions } from '../interface/dataset-lineage.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { Provenance, ProvenanceFile, ProvenanceSelector } from '../interface/provenance.ts'
import type { FileSource } from '../interface/source.ts'

/**
 * What the next version of a dataset is made of without what a selector means: links to every file that stays, what was written
 * anew, and the lineage of these.
 *
 * @throws {@link InvalidArgumentError} when nothing of the version is meant, or nothing stays
 */
export async function versionWithout (
  bundle: DatasetBundle, selector: ProvenanceSelector, options: WithoutOptions
): Promise<{ init: DatasetInit, lineage: Lineage }> {
  const provenance = await readProvenance(bundle, options) ?? { results: [], files: [] }
  const affected = new Map(affectedFiles(provenance, selector).map(file => [file.path, file]))
  const { name } = bundle
  if (affected.size === 0) throw new InvalidArgumentError(`Nothing of ${name} was made from what is looked for`, { name })
  const files: FileSource[] = []
  const made = new Map(provenance.files.map(file => [file.path, file]))
  const lineage: MadeFrom[] = []
  for await (const { path, type, cid } of bundle.files('data', { signal: options.signal })) {
    if (type !== 'file') continue
    const below = path.slice('data/'.length)
    const hit = affected.get(path)
    const rewritten = hit === undefined ? undefined : await rewrite(hit, bundle, options)
    if (hit !== undefined && rewritten === undefined) continue
    files.push(rewritten === undefined ? { name: below, cid } : { name: below, ...rewritten })
    const file = made.get(path)
    if (file !== undefined) lineage.push(madeFrom(provenance, file, hit))
  }
  if (files.length === 0) throw new InvalidArgumentError(`Nothing of ${name} would stay`, { name })
  const { version = after(bundle.manifest.datasetVersion, 'major'), description } = options
  const metadata = await readMetadata(bundle, options)
  const chunking = chunkings.has(bundle.manifest.chunking ?? '') ? { chunking: 'content-defined' as const } : {}
  const said = { ...metadata, ...chunking, ...(description === undefined ? {} : { description }) }
  const init = { ...said, name: bundle.manifest.name, version, files, previous: bundle.cid }
  return { init, lineage: new Lineage(lineage) }
}

async function rewrite (
  file: AffectedFile, bundle: DatasetBundle, { rewrite, signal }: Pick<WithoutOptions, 'rewrite'> & AbortOptions
): ReturnType<NonNullable<WithoutOptions['rewrite']>> {
  const { rowGroups } = file
  if (rewrite === undefined || rowGroups === undefined) return undefined
  signal?.throwIfAborted()
  return await rewrite({ ...file, rowGroups }, bundle)
}

/** The lineage of a file that stays; of one that was written anew without the row groups that went. */
function madeFrom ({ results }: Provenance, file: ProvenanceFile, hit: AffectedFile | undefined): MadeFrom {
  const gone = new Set(hit?.results.map(({ root }) => root))
  const resultsAt = (places: readonly number[]): Provenance['results'] =>
    places.flatMap(place => results[place] ?? []).filter(({ root }) => !gone.has(root))
  const linked = hit === undefined ? file.linked : undefined
  const rowGroups = file.rowGroups?.filter((_, index) => hit?.rowGroups?.includes(index) !== true).map(resultsAt)
  return {
    path: file.path,
    makers: file.results.flatMap(place => resultsAt([place]).map(result =>
      ({ result, ...(linked?.result === place ? { linked: linked.path } : {}) }))),
    ...(rowGroups === undefined ? {} : { rowGroups })
  }
}
