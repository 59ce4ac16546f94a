import { filesBelow } from '../bundle/files-below.ts'
import { pageChunking } from '../bundle/page-chunks.ts'
import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { describeValue, invalidArgument } from '../format/argument.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { datasetNamePattern } from '../format/dataset-name.ts'
import { manifestVersion } from '../format/manifest.ts'
import { encodeProvenance } from '../format/provenance.ts'
import { croissantBytesMax, datasetEntriesMax } from '../limits.ts'
import { writeCard } from './card.ts'
import { describeDataset } from './croissant.ts'
import { describeImported } from './describe-imported.ts'
import { checkDescription } from './description.ts'
import { describeFiles } from './distribution.ts'
import { refuseTwins } from './name-twins.ts'
import { rowTreeFiles } from './row-trees.ts'
import { compareVersions, parseVersion } from './semantic-version.ts'
import type { DescribedTable, DescribeTable } from './described-table.ts'
import type { Lineage } from './lineage.ts'
import type { BundleInit, ImportedContent, ImportedFiles } from '../bundle/publish.ts'
import type { DatasetBundle, Readers } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { AbortOptions, Address, JsonObject } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'

/** What is about to be published. */
export interface CheckedImport {
  files: ImportedFiles
  content: ImportedContent
  tables: ReadonlyMap<string, DescribedTable>
}

/** What is known beside what the host says. */
export interface DatasetContext extends AbortOptions {
  publisher: Address
  previous: DatasetBundle | undefined
  readers: Readers
  lineage: Lineage
  /** Says what tables files are; by default as far as their beginnings show. */
  describeTable?: DescribeTable
  /** Called with the files before anything is described; what it throws refuses the version. */
  check?: (imported: CheckedImport) => Promise<void>
}

/**
 * What a dataset bundle is made of: the files below `data/`, and, once these are imported, a Croissant description, a card and
 * the provenance of them.
 *
 * @throws {@link InvalidArgumentError} when the name or version is not valid, when there are no files or one is not a
 *   {@link FileSource}, or when `previous` is another dataset, another publisher's, or not older
 * @throws {@link InvalidNameError} when the name of a file cannot be in a bundle
 * @throws {@link LimitExceededError} when there are more entries than a dataset may have, or more is said of it than is read
 */
export function datasetBundleInit (init: DatasetInit, context: DatasetContext): BundleInit<DatasetManifest> {
  const { publisher, previous, readers } = context
  checkInit(init)
  if (previous !== undefined) checkPrevious(init, publisher, previous)
  const { name, version, files = [], directory } = init
  const chunking = init.chunking === 'content-defined' ? pageChunking : undefined
  return {
    files: [...directory === undefined ? [] : [{ name: 'data', path: directory }], ...filesBelow('data', files, datasetEntriesMax)],
    describe: async (imported, content) => await describe(init, context, imported, content),
    manifest: () => ({
      format: 'cortensor-bundle',
      version: manifestVersion,
      kind: 'dataset',
      publisher,
      name,
      datasetVersion: version,
      ...(previous === undefined ? {} : { previous: previous.cid.toString() }),
      ...(chunking === undefined ? {} : { chunking })
    }),
    chunking,
    readers,
    embargoed: false,
    ...(previous === undefined ? {} : { answers: previous.cid }),
    entriesMax: datasetEntriesMax
  }
}

function checkInit (init: DatasetInit): void {
  checkDatasetName(init.name)
  parseVersion(init.version)
  const { files, directory, chunking } = init
  if (chunking !== undefined && !['fixed', 'content-defined'].includes(chunking)) throw invalidArgument('chunking', "'fixed' or 'content-defined'", chunking)
  if (directory !== undefined && (typeof directory !== 'string' || directory === '' || directory.includes('\0'))) {
    throw invalidArgument('directory', 'the path of a directory', directory)
  }
  if (directory === undefined && (!Array.isArray(files) || files.length === 0)) {
    throw invalidArgument(`files of dataset ${init.name}`, 'an array of at least one', files)
  }
  checkDescription(init)
}

/** @throws {@link InvalidArgumentError} when it is not the name of a dataset */
export function checkDatasetName (name: unknown): void {
  if (typeof name === 'string' && datasetNamePattern.test(name)) return
  throw new InvalidArgumentError(`name of a dataset must match /${datasetNamePattern.source}/, and is ${describeValue(name)}`)
}

async function describe (
  init: DatasetInit, context: DatasetContext, imported: ImportedFiles, content: ImportedContent
): Promise<FileSource[]> {
  const paths = { * [Symbol.iterator] (): Generator<string> { for (const { path } of imported) yield path } }
  const [first] = paths
  if (first === undefined) throw new InvalidArgumentError(`Dataset ${init.name} has no files`, { directory: init.directory })
  if (first === 'data') throw invalidArgument('directory', 'the path of a directory (a file goes into files)', init.directory)
  const { describeTable = describeImported, lineage, previous, publisher, signal } = context
  await refuseTwins(paths, { signal })
  const provenance = lineage.isEmpty ? undefined : lineage.of([...paths])
  const resources = await describeFiles(imported, lineage, { signal })
  const tables = new Map<string, DescribedTable>()
  for (const { id, file } of resources) {
    const table = await describeTable(file, content, { signal })
    if (table !== undefined) tables.set(id, table)
  }
  await context.check?.({ files: imported, content, tables })
  const derivedFrom = [...previous === undefined ? [] : [`ipfs://${previous.cid.toString()}`], ...(init.derivedFrom ?? []).map(identify)]
  return [
    { name: 'croissant.json', bytes: encodeCroissant(describeDataset(init, { publisher, resources, tables, derivedFrom })) },
    { name: 'README.md', text: writeCard(init, publisher, imported) },
    ...(provenance === undefined ? [] : [{ name: 'provenance.json', bytes: encodeProvenance(provenance) }]),
    ...init.provable === true ? await rowTreeFiles(imported, content, { signal }) : []
  ]
}

/** Refuses what a reader would refuse. */
function encodeCroissant (document: JsonObject): Uint8Array {
  const bytes = encodeCanonicalJson(document)
  if (bytes.byteLength <= croissantBytesMax) return bytes
  throw new LimitExceededError(`croissant.json would have ${bytes.byteLength} bytes, and nobody reads more than ${croissantBytesMax}: say less in it`,
    { limit: 'croissantBytesMax', max: croissantBytesMax, actual: bytes.byteLength })
}

/** A CID as the URI that names it; any other reference is one. */
function identify (ref: string | { toString: () => string }): string {
  const text = ref.toString()
  return /^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `ipfs://${text.replace(/^\/ipfs\//, '')}`
}

function checkPrevious (init: DatasetInit, publisher: Address, { manifest, urn }: DatasetBundle): void {
  if (manifest.publisher !== publisher || manifest.name !== init.name) {
    throw new InvalidArgumentError(
      `previous is ${urn}, which is ${manifest.publisher}/${manifest.name}, and not an earlier version of ${publisher}/${init.name}`)
  }
  if (compareVersions(manifest.datasetVersion, init.version) >= 0) {
    throw new InvalidArgumentError(`version ${init.version} of ${init.name} is not after its previous version ${manifest.datasetVersion}`)
  }
}
