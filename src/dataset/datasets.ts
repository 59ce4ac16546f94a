import { WrongKindError } from '../errors.ts'
import { datasetBundleInit } from './dataset-bundle.ts'
import { followVersions } from './versions.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { Bundle, DatasetBundle } from '../interface/bundle.ts'
import type { FetchOptions, PublishOptions } from '../interface/data-node.ts'
import type { Datasets } from '../interface/dataset.ts'
import type { DatasetManifest, Manifest } from '../interface/manifest.ts'
import type { Address, Reference } from '../interface/primitives.ts'

/** What datasets need from the node. */
export interface DatasetComponents {
  publisher: Address
  publish: <M extends Manifest>(init: BundleInit<M>, options: PublishOptions) => Promise<Bundle>
  fetch: (ref: Reference, options: FetchOptions) => Promise<Bundle>
  open: (ref: Reference, options: FetchOptions) => Promise<Bundle>
}

/** The verbs for datasets, over those for bundles. */
export function createDatasets ({ publisher, publish, fetch, open }: DatasetComponents): Datasets {
  const openVersion = async (ref: Reference, options: FetchOptions): Promise<DatasetBundle> => asDataset(await open(ref, options))
  return {
    publish: async (init, options = {}) => {
      const previous = init.previous === undefined ? undefined : await openVersion(init.previous, options)
      try {
        const { readers = 'anyone' } = options
        return asDataset(await publish<DatasetManifest>(datasetBundleInit(init, publisher, previous, readers), options))
      } finally {
        await previous?.close()
      }
    },
    fetch: async (ref, options = {}) => asDataset(await fetch(ref, options)),
    versions: (ref, options = {}) => followVersions(ref, async version => await openVersion(version, options))
  }
}

function asDataset (bundle: Bundle): DatasetBundle {
  const actual = bundle.manifest?.kind
  if (actual === 'dataset') return bundle as DatasetBundle
  const found = actual === undefined ? 'not a bundle' : `a ${actual} bundle`
  throw new WrongKindError(`${bundle.urn} is ${found}, and a dataset was expected`, { expected: 'dataset', actual })
}
