import type { AppendInit, RowOrigin } from './append.ts'
import type { DatasetBundle } from './bundle.ts'
import type { FetchOptions, PublishOptions } from './options.ts'
import type { AbortOptions, JsonObject, Reference } from './primitives.ts'
import type { FileSource } from './source.ts'
import type { TableRow } from './table.ts'

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

  /**
   * Opens a dataset for rows that come over hours, with what was appended before and not committed: also by a process that was
   * killed since. Close it when it is no longer needed.
   *
   * @throws {@link InvalidArgumentError} when an option is not what it should be, the name is open already, or rows of other
   *   columns wait to be committed
   * @throws {@link StorageError} when what is on disk is damaged
   */
  append(init: AppendInit): Promise<DatasetAppender>

  /** The history of a version, itself first, then each predecessor. Manifests only are fetched. */
  versions(ref: Reference, options?: FetchOptions): AsyncIterable<DatasetVersion>
}

/** What is said of the version that is made of appended rows. With `previous`, its files are linked before the new ones. */
export type CommitInit = Omit<DatasetInit, 'name' | 'files'>

/** A dataset that rows are appended to. One at a time is open for each name. */
export interface DatasetAppender extends AsyncDisposable {
  readonly name: string
  /** Rows that are on disk for the next version. */
  readonly rows: number
  /** The version of which the commit was cut off by the end of the process: commit it again, with the same words, first. */
  readonly unfinished: string | undefined

  /**
   * Keeps rows for the next version. When it resolves they are on disk, and are in the next version whatever happens to this
   * process.
   *
   * @returns false when rows of this result wait for the next version already: they stay as they are. What was committed is
   *   forgotten.
   * @throws {@link InvalidArgumentError} when a row has other columns or values than the dataset
   * @throws {@link LimitExceededError} when these rows are more than one call may append
   * @throws {@link StorageFullError} when there is no room for them
   */
  append(rows: readonly TableRow[], origin: RowOrigin, options?: AbortOptions): Promise<boolean>

  /**
   * Publishes what was appended as a version: `data/part-<n>.parquet` and, beside it, which rows came from which result. What is
   * appended meanwhile is for the version after it. When it rejects, nothing is published and everything is kept.
   *
   * @throws {@link InvalidArgumentError} when nothing was appended, or when the commit of another version was cut off before
   * @throws {@link PackageMissingError} when the package `hyparquet-writer` is not installed
   * @throws what publishing throws
   */
  commit(init: CommitInit, options?: PublishOptions): Promise<DatasetBundle>

  /** Lets go of the name. What was appended stays on disk. */
  close(): Promise<void>
}
