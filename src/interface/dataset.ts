import type { DatasetBundle } from './bundle.ts'
import type { FetchOptions, PublishOptions } from './options.ts'
import type { JsonObject, Reference } from './primitives.ts'
import type { FileSource } from './source.ts'

/** What a version of a dataset is made of and what is said about it. */
export interface DatasetInit {
  /** `[a-z0-9][a-z0-9._-]*`, at most 100 characters; scoped to this node's address. */
  name: string
  /** MAJOR.MINOR.PATCH. */
  version: string
  /** Placed below `data/`. */
  files: FileSource[]
  /** The version before this one, of the same name and publisher. */
  previous?: Reference
  description?: string
  /** URL of a licence, or an SPDX identifier. */
  license?: string
  creators?: { name: string, url?: string }[]
  keywords?: string[]
  /**
   * Makes it possible to prove that the version has a row, by what is written beside the files. All tables are read for it; of
   * Parquet that needs the package `hyparquet`.
   */
  provable?: boolean
  /** Further properties of the Croissant document, by their JSON-LD names. */
  croissant?: JsonObject
}

/** One version in the history of a dataset. */
export interface DatasetVersion {
  version: string
  cid: string
  previous?: string
}

/** Datasets: versioned, described, linked to what they came from. */
export interface Datasets {
  /**
   * Publishes one version as a bundle with a Croissant description, and holds it.
   *
   * @throws {@link InvalidArgumentError} when the name or version is not valid, or when `previous` is another
   *   dataset, another publisher's, or not older
   */
  publish(init: DatasetInit, options?: PublishOptions): Promise<DatasetBundle>

  /** Fetches one version completely. */
  fetch(ref: Reference, options?: FetchOptions): Promise<DatasetBundle>

  /** The history of a version, itself first, then each predecessor. Manifests only are fetched. */
  versions(ref: Reference, options?: FetchOptions): AsyncIterable<DatasetVersion>
}
