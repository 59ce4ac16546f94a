import { BundleHandle } from './bundle-handle.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetManifest } from '../interface/manifest.ts'

/** A handle on one version of a dataset. */
export class DatasetHandle extends BundleHandle<DatasetManifest> implements DatasetBundle {
  get name (): string {
    const { publisher, name, datasetVersion } = this.manifest
    return `${publisher}/${name}@${datasetVersion}`
  }
}
