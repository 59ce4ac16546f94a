import { chunkings } from '../bundle/chunkings.ts'
import { FileNotFoundError, InvalidArgumentError } from '../errors.ts'
import { findAffected, readProvenance } from './affected.ts'
import { lineagePath } from './appended-parts.ts'
import { readMetadata } from './read-croissant.ts'
import { Lineage, madeFrom } from './lineage.ts'
import { after } from './version-rule.ts'
import { withoutRows } from './without-rows.ts'
import type { MadeFrom } from './lineage.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { AffectedFile, WithoutOptions } from '../interface/dataset-lineage.ts'
import type { AbortOptions, Address } from '../interface/primitives.ts'
import type { ProvenanceSelector } from '../interface/provenance.ts'
import type { FileSource } from '../interface/source.ts'

/** @throws {@link InvalidArgumentError} when it is the dataset of another publisher */
export function checkOwn ({ manifest, name }: Pick<DatasetBundle, 'manifest' | 'name'>, publisher: Address): void {
  if (manifest.publisher === publisher) return
  throw new InvalidArgumentError(
    `${name} is a dataset of another publisher, who alone makes its next version: publish one of your own, with derivedFrom`, { name })
}

/**
 * What the next version of a dataset is made of without what a selector means: links to every file that stays, what was written
 * anew, and the lineage of these. Tables that rows were appended to are written anew without the rows that are meant.
 *
 * @throws {@link InvalidArgumentError} when nothing of the version is meant, or nothing stays
 */
export async function versionWithout (
  bundle: DatasetBundle, selector: ProvenanceSelector, options: WithoutOptions
): Promise<{ init: DatasetInit, lineage: Lineage }> {
  const provenance = await readProvenance(bundle, options) ?? { results: [], files: [] }
  const affected = new Map((await findAffected(bundle, selector, options)).map(file => [file.path, file]))
  const { name } = bundle
  if (affected.size === 0) throw new InvalidArgumentError(`Nothing of ${name} was made from what is looked for`, { name })
  const files: FileSource[] = []
  const made = new Map(provenance.files.map(file => [file.path, file]))
  const lineage: MadeFrom[] = []
  const appended = [...affected.values()].filter(isAppended).map(({ path }) => path)
  const replaced = new Set(appended.map(lineagePath))
  for (const path of appended) files.push(...await withoutRows(bundle, path, selector, { signal: options.signal }))
  for await (const { path, type, cid } of bundle.files('data', { signal: options.signal })) {
    const hit = affected.get(path)
    if (type !== 'file' || replaced.has(path) || (hit !== undefined && isAppended(hit))) continue
    const below = path.slice('data/'.length)
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
  const kept = { ...metadata, ...chunking, ...await provability(bundle, options) }
  const said = { ...kept, ...(description === undefined ? {} : { description }) }
  const init = { ...said, name: bundle.manifest.name, version, files, previous: bundle.cid }
  return { init, lineage: new Lineage(lineage) }
}

function isAppended ({ rows }: AffectedFile): boolean {
  return rows !== undefined
}

/** What could be proven can be proven. */
async function provability (bundle: DatasetBundle, { signal }: AbortOptions): Promise<Pick<DatasetInit, 'provable'>> {
  try {
    await bundle.file('rows.json', { signal })
    return { provable: true }
  } catch (error) {
    if (error instanceof FileNotFoundError) return {}
    throw error
  }
}

async function rewrite (
  file: AffectedFile, bundle: DatasetBundle, { rewrite, signal }: Pick<WithoutOptions, 'rewrite'> & AbortOptions
): ReturnType<NonNullable<WithoutOptions['rewrite']>> {
  const { rowGroups } = file
  if (rewrite === undefined || rowGroups === undefined) return undefined
  signal?.throwIfAborted()
  return await rewrite({ ...file, rowGroups }, bundle)
}
