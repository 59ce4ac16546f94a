import type { RowLineage } from './append.ts'
import type { Bundle, DatasetBundle } from './bundle.ts'
import type { DatasetVersion } from './dataset-version.ts'
import type { ResultManifest } from './manifest.ts'
import type { FetchOptions, PublishOptions } from './options.ts'
import type { ProvenanceResult } from './provenance.ts'
import type { TableRow } from './table.ts'

/** A result that was looked for. Of one that the publisher of appended rows only named, there may be its root and miner alone. */
export type AffectedResult = Pick<ProvenanceResult, 'root' | 'miner'> & Partial<ProvenanceResult>

/** A file that was made, in part or whole, from what was looked for. */
export interface AffectedFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  /** Which of its row groups, from 0, where these are known; absent where the whole file is. */
  rowGroups?: readonly number[]
  /** How many of its rows, where that is known: of tables that rows were appended to. */
  rows?: number
  /** The results that were looked for and made it. */
  results: readonly AffectedResult[]
}

/** A version that has such files. */
export interface AffectedVersion extends DatasetVersion {
  /** `0xabc…/name@1.0.0`. */
  name: string
  files: readonly AffectedFile[]
}

/** A file that a rebuilt version has otherwise than the published one. */
export interface ReproducedDifference {
  path: string
  /** CID of the published file. */
  published: string
  /** CID of what came out; absent where nothing did. */
  rebuilt?: string
  /** `appended`: rows were appended to it, and were not made again from their results. */
  reason: 'differs' | 'not-in-result' | 'not-rebuilt' | 'appended'
  /** Of a table that rows were appended to: the first row that differs, from 0. */
  row?: number
  /** Of such a table: root of the result whose rows differ, or were not made again. */
  result?: string
}

/** What came of rebuilding a version from the results that it names. */
export interface Reproduction extends DatasetVersion {
  /** True when every file whose results are named came out as it was published, so that the root is the same. */
  isSame: boolean
  /** Where it first differs, in the order of paths. */
  firstDifference?: ReproducedDifference
  /** Files that came out the same, and all files, but for those that say where appended rows came from. */
  reproduced: number
  files: number
  /** Tables whose rows were appended and not made again: nobody can say that they are what came out of the results. */
  appended: readonly string[]
  /** Files that nothing says which results made them: they are taken as they are. */
  unexplained: number
}

/** How to publish a version without what was looked for. */
export interface WithoutOptions extends PublishOptions {
  /** Number of the new version; by default the next major one, since data was removed. */
  version?: string
  /** By default that of the version before. */
  description?: string
  /**
   * Gives the content of a file without these row groups, whose name is kept. Without it, and where it gives nothing, the
   * file goes as a whole.
   */
  rewrite?: (file: AffectedFile & { rowGroups: readonly number[] }, version: DatasetBundle) => Promise<RewrittenFile | undefined>
}

/** The content of a file that is written anew. */
export type RewrittenFile = { bytes: Uint8Array } | { stream: AsyncIterable<Uint8Array> } | { path: string }

/** A result that is read as it is needed: what it says of itself is in its manifest, and its output in `output.json`. */
export type OpenResult = Bundle<ResultManifest>

/** A file that is to be made as the publisher made it. */
export interface RebuildFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  /** The results that it is made from, open until it is made. */
  results: readonly OpenResult[]
}

/** Rows that are to be made as they were when they were appended. */
export interface RebuildRows {
  /** Where they stand, and what they came from. */
  lineage: RowLineage
  /** The result, open until they are made. */
  result: OpenResult
}

/** How to rebuild a version. */
export interface ReproduceOptions extends FetchOptions {
  /**
   * Makes a file from its results as the publisher made it. Without it only files that are linked from a result as they are
   * can be rebuilt.
   */
  build?: (file: RebuildFile) => Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>
  /**
   * Makes the rows that were appended from one result. Without it, where it gives nothing, and where the publisher named a result
   * and did not have it, tables that rows were appended to are not rebuilt. It is asked again for where a table differs.
   */
  rows?: (rows: RebuildRows) => Promise<readonly TableRow[] | undefined>
}
