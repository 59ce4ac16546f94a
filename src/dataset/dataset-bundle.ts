import { filesBelow } from '../bundle/files-below.ts'
import { InvalidArgumentError } from '../errors.ts'
import { describeValue, invalidArgument } from '../format/argument.ts'
import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { manifestVersion } from '../format/manifest.ts'
import { datasetEntriesMax } from '../limits.ts'
import { writeCard } from './card.ts'
import { checkDescription } from './description.ts'
import { describeDataset } from './croissant.ts'
import { rowTreeFiles } from './row-trees.ts'
import { compareVersions, parseVersion } from './semantic-version.ts'
import type { BundleInit, ImportedFile } from '../bundle/publish.ts'
import type { DatasetBundle, Readers } from '../interface/bundle.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { Address } from '../interface/primitives.ts'
import type { FileSource } from '../interface/source.ts'

const namePattern = /^[a-z0-9][a-z0-9._-]{0,99}$/

/**
 * What a dataset bundle is made of: the files below `data/`, and, once these are imported, a Croissant description
 * and a card of them.
 *
 * @throws {@link InvalidArgumentError} when the name or version is not valid, when there are no files or one is not a
 *   {@link FileSource}, or when `previous` is another dataset, another publisher's, or not older
 * @throws {@link InvalidNameError} when the name of a file cannot be in a bundle
 */
export function datasetBundleInit (
  init: DatasetInit, publisher: Address, previous: DatasetBundle | undefined, readers: Readers
): BundleInit<DatasetManifest> {
  checkDatasetName(init.name)
  parseVersion(init.version)
  if (!Array.isArray(init.files) || init.files.length === 0) throw invalidArgument(`files of dataset ${init.name}`, 'an array of at least one', init.files)
  checkDescription(init)
  if (previous !== undefined) checkPrevious(init, publisher, previous)
  return {
    files: filesBelow('data', init.files, datasetEntriesMax),
    describe: async (files, content) => [
      ...describe(init, publisher, files),
      ...init.provable === true ? await rowTreeFiles(files, content) : []
    ],
    manifest: () => ({
      format: 'cortensor-bundle',
      version: manifestVersion,
      kind: 'dataset',
      publisher,
      name: init.name,
      datasetVersion: init.version,
      ...(previous === undefined ? {} : { previous: previous.cid.toString() })
    }),
    readers,
    embargoed: false,
    ...(previous === undefined ? {} : { answers: previous.cid }),
    entriesMax: datasetEntriesMax
  }
}

/** @throws {@link InvalidArgumentError} when it is not the name of a dataset */
export function checkDatasetName (name: unknown): void {
  if (typeof name === 'string' && namePattern.test(name)) return
  throw new InvalidArgumentError(`name of a dataset must match ${String(namePattern)}, and is ${describeValue(name)}`)
}

function describe (init: DatasetInit, publisher: Address, imported: readonly ImportedFile[]): FileSource[] {
  return [
    { name: 'croissant.json', bytes: encodeCanonicalJson(describeDataset(init, publisher, imported)) },
    { name: 'README.md', text: writeCard(init, publisher, imported) }
  ]
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
