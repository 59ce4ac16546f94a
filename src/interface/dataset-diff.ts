import type { DatasetVersion } from './dataset-version.ts'
import type { FetchOptions } from './options.ts'
import type { RowGroupDiff } from './table.ts'

/** How to compare two versions. */
export interface DatasetDiffOptions extends FetchOptions {
  /** Also reads the tables whose files changed, and says what came, went and changed in them. False unless `key` is given. */
  rows?: boolean
  /**
   * Columns whose values together name a row, in tables that have all of them. Where there are none, a row that changed is one
   * removed and one added.
   */
  key?: readonly string[]
}

/** A file of a version. */
export interface VersionFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  cid: string
  /** Content bytes. */
  bytes: bigint
}

/** A file whose content is another one. */
export interface FileChange {
  path: string
  before: VersionFile
  after: VersionFile
}

/** A file that is there under another name. */
export interface FileRename {
  from: string
  to: string
  cid: string
  bytes: bigint
}

/** A column whose data type is another one; one of them is absent where the column came or went. */
export interface FieldChange {
  name: string
  before?: string
  after?: string
}

/** What is different in one table: what the descriptions of two versions say of it, and with `rows` what is in it. */
export interface TableChange {
  /** The path of its file, or the identifier of the set that it stands for. */
  path: string
  fields: readonly FieldChange[]
  /** How many rows, where it differs and as far as it is known. */
  rows?: { before?: number, after?: number }
  /** With `rows`, of Parquet: which row groups came and went, and how many stayed. */
  rowGroups?: RowGroupDiff
  /** With `rows`, of a file that changed: how many rows came, went, and by their key changed. `table.diff()` tells which. */
  rowChanges?: { added: number, removed: number, changed: number }
}

/** What differs between two versions of a dataset, or of two datasets. */
export interface DatasetDiff {
  before: DatasetVersion
  after: DatasetVersion
  /** Each in the order of paths. */
  files: {
    added: readonly VersionFile[]
    removed: readonly VersionFile[]
    renamed: readonly FileRename[]
    changed: readonly FileChange[]
  }
  tables: readonly TableChange[]
}
