import type { DatasetBundle, ResultBundle } from './bundle.ts'
import type { DatasetVersion } from './dataset-version.ts'
import type { FetchOptions, PublishOptions } from './options.ts'
import type { ProvenanceResult } from './provenance.ts'

/** A file that was made, in part or whole, from what was looked for. */
export interface AffectedFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  /** Which of its row groups, from 0, where these are known; absent where the whole file is. */
  rowGroups?: readonly number[]
  /** The results that were looked for and made it. */
  results: readonly ProvenanceResult[]
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
  reason: 'differs' | 'not-in-result' | 'not-rebuilt'
}

/** What came of rebuilding a version from the results that it names. */
export interface Reproduction extends DatasetVersion {
  /** True when every file whose results are named came out as it was published, so that the root is the same. */
  isSame: boolean
  /** Where it first differs, in the order of paths. */
  firstDifference?: ReproducedDifference
  /** Files that came out the same, and all files. */
  reproduced: number
  files: number
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

/** A file that is to be made as the publisher made it. */
export interface RebuildFile {
  /** From the root of the bundle: `data/…`. */
  path: string
  /** The results that it is made from, open until it is made. */
  results: readonly ResultBundle[]
}

/** How to rebuild a version. */
export interface ReproduceOptions extends FetchOptions {
  /**
   * Makes a file from its results as the publisher made it. Without it only files that are linked from a result as they are
   * can be rebuilt.
   */
  build?: (file: RebuildFile) => Promise<Uint8Array | AsyncIterable<Uint8Array> | undefined>
}
