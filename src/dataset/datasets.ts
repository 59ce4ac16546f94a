import { openAppender } from './appender.ts'
import { expectKind } from '../bundle/expect-kind.ts'
import { datasetBundleInit } from './dataset-bundle.ts'
import { followVersions } from './versions.ts'
import { checkObject, checkOptions } from '../format/argument.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Bundle, DatasetBundle } from '../interface/bundle.ts'
import type { Datasets } from '../interface/dataset.ts'
import type { DatasetManifest, Manifest } from '../interface/manifest.ts'
import type { FetchOptions, PublishOptions } from '../interface/options.ts'
import type { Address, Reference } from '../interface/primitives.ts'
import type { DurableFiles } from '../interface/store.ts'
import type { OpenAppenders } from './appender.ts'

/** What datasets need from the node. */
export interface DatasetComponents {
  publisher: Address
  publish: <M extends Manifest>(init: BundleInit<M>, options: PublishOptions) => Promise<Bundle>
  fetch: (ref: Reference, options: FetchOptions) => Promise<Bundle>
  open: (ref: Reference, options: FetchOptions) => Promise<Bundle>
  /** Where appended rows are kept. */
  files: DurableFiles
}

/** The verbs for datasets, over those for bundles. */
export function createDatasets ({ publisher, publish, fetch, open, files }: DatasetComponents): Datasets {
  const openVersion = async (ref: Reference, options: FetchOptions): Promise<DatasetBundle> =>
    await expectKind(await open(ref, options), 'dataset')
  const appending: OpenAppenders = new Set()
  const datasets: Datasets = {
    publish: async (init, options = {}) => {
      checkObject(init, 'dataset')
      checkOptions(options)
      const previous = init.previous === undefined ? undefined : await openVersion(init.previous, options)
      try {
        const { readers = 'anyone' } = options
        return await expectKind(await publish<DatasetManifest>(datasetBundleInit(init, publisher, previous, readers), options), 'dataset')
      } finally {
        await previous?.close()
      }
    },
    fetch: async (ref, options = {}) => await expectKind(await fetch(ref, options), 'dataset'),
    versions: (ref, options = {}) => followVersions(ref, async version => await openVersion(version, options)),
    append: async init => await openAppender({
      files, open: openVersion, publish: async (init, options) => await datasets.publish(init, options)
    }, appending, init)
  }
  return datasets
}
