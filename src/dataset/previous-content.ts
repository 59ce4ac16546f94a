import { parseReference } from '../format/reference.ts'
import { readProvenance } from './affected.ts'
import { isAppendedTable, partNumber } from './appended-parts.ts'
import { madeFrom } from './lineage.ts'
import { compareVersions } from './semantic-version.ts'
import type { KnownVersions } from './known-versions.ts'
import type { MadeFrom } from './lineage.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { AbortOptions, Address, Reference } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'

/** What finding the version before needs. */
export interface PreviousComponents {
  publisher: Address
  versions: Pick<KnownVersions, 'list'>
}

/** What a version hands on to the one after it. */
export interface PreviousContent {
  /** All of its files, linked and not copied. */
  files: FileSource[]
  /** What is known of who made them, but for tables that rows were appended to, which have it beside them. */
  madeFrom: MadeFrom[]
  /** Number of its last table of appended rows; 0 where there is none. */
  part: number
}

/** CID text of the last version before this one that this node has of a dataset of its own; undefined where there is none. */
export async function findPrevious (
  { publisher, versions }: PreviousComponents, name: string, version: string, options: AbortOptions = {}
): Promise<string | undefined> {
  const known = await versions.list({ publisher, name }, options)
  const own = known.filter(({ signed }) => signed !== undefined)
  return own.findLast(({ manifest }) => compareVersions(manifest.datasetVersion, version) < 0)?.cid.toString()
}

/** Reads what a version hands on. Of its files nothing is read. */
export async function readPrevious (
  open: (ref: Reference, options: FetchOptions) => Promise<DatasetBundle>, ref: Reference | undefined, options: AbortOptions = {}
): Promise<PreviousContent> {
  const content: PreviousContent = { files: [], madeFrom: [], part: 0 }
  if (ref === undefined) return content
  parseReference(ref)
  const bundle = await open(ref, options)
  try {
    const paths = new Set<string>()
    for await (const { type, path, cid } of bundle.files('data', options)) {
      if (type !== 'file') continue
      paths.add(path)
      content.part = Math.max(content.part, partNumber(path))
      content.files.push({ name: path.slice('data/'.length), cid })
    }
    const provenance = await readProvenance(bundle, options) ?? { results: [], files: [] }
    const made = provenance.files.filter(({ path }) => paths.has(path) && !isAppendedTable(path, paths))
    content.madeFrom = made.map(file => madeFrom(provenance, file))
    return content
  } finally {
    await bundle.close()
  }
}
