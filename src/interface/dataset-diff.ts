import type { DatasetVersion } from './dataset-version.ts'

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

/** What the descriptions of two versions say differently of one table. */
export interface TableChange {
  /** The path of its file, or the identifier of the set that it stands for. */
  path: string
  fields: readonly FieldChange[]
  /** How many rows, where it differs and as far as it is known. */
  rows?: { before?: number, after?: number }
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
