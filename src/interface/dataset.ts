import type { AppendColumn, AppendedRow, AppendInit, RowOrigin } from './append.ts'
import type { DatasetBundle, ExportCarOptions } from './bundle.ts'
import type { DatasetDiff, DatasetDiffOptions } from './dataset-diff.ts'
import type { AffectedVersion, ReproduceOptions, Reproduction, WithoutOptions } from './dataset-lineage.ts'
import type { DatasetMirror, MirrorOptions } from './dataset-mirror.ts'
import type { ResolvedVersion, ResolveOptions } from './dataset-trail.ts'
import type { DatasetReference, DatasetVersion } from './dataset-version.ts'
import type { FetchOptions, PublishOptions } from './options.ts'
import type { AbortOptions, JsonObject, Reference } from './primitives.ts'
import type { ProvenanceSelector } from './provenance.ts'
import type { FileSource } from './source.ts'
import type { TableRow } from './table.ts'

/** Which results made a file. */
export interface GeneratedBy {
  /** The file or folder, as its name is in `files`: from `data/`. */
  path: string
  /** The result bundles that it was made from. */
  results: readonly Reference[]
  /** Those of each row group, where the file is a table of several: in their order. */
  rowGroups?: readonly { results: readonly Reference[] }[]
}

/** What a version of a dataset is made of and what is said about it. */
export interface DatasetInit {
  /** `[a-z0-9][a-z0-9._-]*`, at most 100 characters; scoped to this node's address. */
  name: string
  /** MAJOR.MINOR.PATCH. */
  version: string
  /** Placed below `data/`. What is given by its CID, such as a file of a result, is linked and not copied. */
  files?: readonly FileSource[]
  /** Path of a directory whose content is placed below `data/`, beside `files`. */
  directory?: string
  /** The version before this one, of the same name and publisher, also by its name: every version but the first has one. */
  previous?: DatasetReference
  description?: string
  /** URL of a licence, or an SPDX identifier. */
  license?: string
  /** Who made it, at least one; by default the publisher's address. */
  creators?: { name: string, url?: string }[]
  keywords?: string[]
  /** Page of the dataset. */
  url?: string
  /** When it was published, as `2026-01-31`. Without it equal content has an equal CID. */
  datePublished?: string
  /** What it was made from, beside results: other datasets by a reference with their root, anything else by its URL. */
  derivedFrom?: readonly Reference[]
  /** Which results made which files. What is linked from a result that this node has is known without it. */
  generatedBy?: readonly GeneratedBy[]
  /**
   * How files are cut into blocks. `'fixed'`, the default: each file has the CID that Kubo gives it with the profile
   * `unixfs-v1-2025`. `'content-defined'`: a version that changes in the middle of large files shares with the one before it
   * all blocks but those around the change, and Parquet is cut between its pages, so that a column is read without those beside
   * it however small its row groups are; the CIDs of files above 256 KiB are this library's own.
   */
  chunking?: 'fixed' | 'content-defined'
  /**
   * Makes it possible to prove that the version has a row, by what is written beside the files. All tables are read for it; of
   * Parquet that needs the package `hyparquet`.
   */
  provable?: boolean
  /**
   * Further properties of the Croissant document, by their JSON-LD names: none that every document has, and no `@context`, at
   * whatever depth.
   */
  croissant?: JsonObject
}

/** Datasets: versioned, described, linked to what they came from. */
export interface Datasets {
  /**
   * Publishes one version as a bundle with a Croissant description, and holds it.
   *
   * @throws {@link InvalidArgumentError} when the name or version is not valid, or when `previous` is another
   *   dataset, another publisher's, or not older
   * @throws {@link VersionTakenError} when the version is published already, or its predecessor has another successor
   * @throws {@link VersionRuleError} when its number says less than what changed
   * @throws {@link InvalidNameError} when names differ only in case or in how accents are composed
   * @throws {@link AccessWidenedError} when it links what fewer may read, unless `widen`
   * @throws {@link SourceUnreadableError}, {@link SourceChangedError} when a file cannot be read, or changed while it was
   * @throws {@link InvalidTableError} when a table is not what its name says: `details.path` and, of text, `details.line`
   * @throws {@link NotStoredError} when a CID is linked that is not stored here
   * @throws {@link LimitExceededError} when there are more than 1,000,000 entries
   * @throws {@link StorageFullError}, {@link StorageError} when there is no room, or the file system refuses
   */
  publish(init: DatasetInit, options?: PublishOptions): Promise<DatasetBundle>

  /**
   * Fetches one version completely.
   *
   * @throws {@link UnavailableError} when nobody who is asked knows the name, or has the version
   * @throws {@link EquivocationError} when a name stands for two versions that the publisher signed
   */
  fetch(ref: DatasetReference, options?: FetchOptions): Promise<DatasetBundle>

  /** Opens one version as `open()` does: what is read is fetched, and no more. @throws as `fetch` does */
  open(ref: DatasetReference, options?: FetchOptions): Promise<DatasetBundle>

  /**
   * The history of a version, or of the newest one of a name: itself first, then each predecessor. Manifests only are fetched.
   * Conflicts are those with versions that this node has, and for a name also those that others have.
   */
  versions(ref: DatasetReference, options?: FetchOptions): AsyncIterable<DatasetVersion>

  /**
   * The newest version of the dataset that a name or a version belongs to.
   *
   * @throws {@link EquivocationError} when the publisher signed another one in its place
   */
  latest(ref: DatasetReference, options?: FetchOptions): Promise<DatasetVersion>

  /**
   * Says which version a name stands for, and proves it as far as that goes: by its publisher's statement, by that statement
   * in the publisher's own log, and by where that log is anchored. The version is told of by the publisher, by a router, by
   * `providers`, or by the trail of the publisher, which this node or one of those follows (`audit.follow`).
   *
   * With `anchors` it is the newest version that was published before a checkpoint of that log was anchored there.
   *
   * @throws {@link UnavailableError} when nobody who is asked has the version, or no anchor has a checkpoint that commits to it
   * @throws {@link EquivocationError} when the publisher signed another one in its place
   */
  resolve(ref: DatasetReference, options?: ResolveOptions): Promise<ResolvedVersion>

  /**
   * What differs between two versions: files, and what the descriptions say of tables. Only what differs is walked and
   * fetched, so that two versions of 100,000 files with a hundred changes are compared by a few hundred blocks. With `rows` the
   * tables whose files changed are compared as well: of Parquet by footers, and then by the row groups that are not equal.
   *
   * @throws {@link InvalidTableError} with `rows`, when a file is not what its name says, or two of its rows have the same key
   * @throws {@link PackageMissingError} with `rows`, when one is Parquet and `hyparquet` is not installed
   */
  diff(before: DatasetReference, after: DatasetReference, options?: DatasetDiffOptions): Promise<DatasetDiff>

  /**
   * Finds what was made from the results of a miner, for a task or by a model, of tables that rows were appended to which row
   * groups and how many rows: in the versions that are stored here, or in those of `ref` only. Versions that do not say from
   * which results they were made are passed over.
   *
   * @throws {@link InvalidArgumentError} when the selector names nothing
   */
  affectedBy(selector: ProvenanceSelector, options?: FetchOptions & { ref?: DatasetReference }): AsyncIterable<AffectedVersion>

  /**
   * Publishes the next version of a dataset of this node, without the files that were made from what the selector means, and
   * of tables that rows were appended to without the rows. What stays as it is is linked and not copied.
   *
   * @throws {@link InvalidArgumentError} when nothing of the version is meant, or all of it, or it is not this node's: before
   *   anything but its manifest is fetched
   * @throws {@link PackageMissingError} when rows have to go, and `hyparquet` or `hyparquet-writer` is not installed
   */
  publishWithout(ref: DatasetReference, selector: ProvenanceSelector, options?: WithoutOptions): Promise<DatasetBundle>

  /**
   * Rebuilds a version from the results that it names, and says whether its root is the same. Nothing is stored, and of the
   * results only what is needed is fetched. Files that no result is named of are taken as they are, and counted. Tables that
   * rows were appended to are made again by `rows`, and named where they are not.
   */
  reproduce(ref: DatasetReference, options?: ReproduceOptions): Promise<Reproduction>

  /**
   * Holds and serves a dataset, and follows it: resolves when the versions that there are now are held, and fetches new ones
   * until the mirror is stopped. Of each only what the ones before it do not have is fetched, and what an interruption left
   * is gone on with.
   *
   * @throws {@link UnavailableError}, {@link EquivocationError} as `fetch` does
   */
  mirror(ref: DatasetReference, options?: MirrorOptions): Promise<DatasetMirror>

  /**
   * One version as a CAR v1. With `since`, a version that the other side has, only the blocks that it lacks: `importCar()`
   * of a node that has that version takes it, and no other one. What is not stored here is fetched while it is written.
   *
   * @throws what `open` throws, and what reading a block does that nobody has
   */
  exportCar(ref: DatasetReference, options?: ExportCarOptions & { since?: DatasetReference }): AsyncIterable<Uint8Array>

  /** Writes the files of one version below a directory, as `saveTo()` of its handle does. */
  checkout(ref: DatasetReference, directory: string, options?: FetchOptions): Promise<DatasetVersion>

  /**
   * Opens a dataset for rows that come over hours, with what was appended before and not committed: also by a process that was
   * killed since. Close it when it is no longer needed.
   *
   * @throws {@link InvalidArgumentError} when an option is not what it should be, the name is open already, or rows of other
   *   columns wait to be committed
   * @throws {@link StorageError} when what is on disk is damaged
   */
  append<const Columns extends readonly AppendColumn[]>(init: AppendInit<Columns>): Promise<DatasetAppender<AppendedRow<Columns>>>
}

/**
 * What is said of the version that is made of appended rows. The files of `previous` are linked before the new ones: unless it is
 * named, that is the last version before this one that the node has. `chunking` is `'content-defined'` unless it is said
 * otherwise: nobody else has these files, whose CIDs could be compared.
 */
export type CommitInit = Omit<DatasetInit, 'name' | 'files'>

/**
 * A dataset that rows are appended to. One at a time is open for each name.
 *
 * @typeParam Row - a row of its columns
 */
export interface DatasetAppender<Row = TableRow> extends AsyncDisposable {
  readonly name: string
  /** Rows that are on disk for the next version. */
  readonly rows: number
  /** The version of which the commit was cut off by the end of the process: commit it again, with the same words, first. */
  readonly unfinished: string | undefined

  /**
   * Keeps rows for the next version. When it resolves they are on disk, and are in the next version whatever happens to this
   * process.
   *
   * Of a result that this node has, all that its manifest says is kept with the rows, and the miner's statement.
   *
   * @returns false when rows of this result wait for the next version already: they stay as they are. What was committed is
   *   forgotten.
   * @throws {@link InvalidArgumentError} when a row has other columns or values than the dataset, or when the result says
   *   that it is another miner's, model's or task's
   * @throws {@link LimitExceededError} when these rows are more than one call may append, or those of too many results wait
   * @throws {@link StorageFullError} when there is no room for them
   */
  append(rows: readonly Row[], origin: RowOrigin, options?: AbortOptions): Promise<boolean>

  /**
   * Publishes what was appended as a version: `data/part-<n>.parquet` and, beside it, which rows came from which result. What is
   * appended meanwhile is for the version after it. When it rejects, nothing is published and everything is kept.
   *
   * @throws {@link InvalidArgumentError} when nothing was appended, or when the commit of another version was cut off before
   * @throws {@link VersionTakenError} when the version is published already; it names the last one, and what to do
   * @throws {@link PackageMissingError} when the package `hyparquet-writer` is not installed
   * @throws what publishing throws
   */
  commit(init: CommitInit, options?: PublishOptions): Promise<DatasetBundle>

  /** Lets go of the name. What was appended stays on disk. */
  close(): Promise<void>
}
