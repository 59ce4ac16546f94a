import { InvalidManifestError, LimitExceededError } from '../errors.ts'
import { parseReference } from '../format/reference.ts'
import { datasetVersionsMax } from '../limits.ts'
import { conflictsWith } from './conflicts.ts'
import { statementOf } from './known-versions.ts'
import type { SignedVersion } from './conflicts.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetVersion } from '../interface/dataset-version.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { Reference } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** What following a history needs. */
export interface FollowComponents {
  open: (ref: Reference) => Promise<DatasetBundle>
  /** Gives the signed versions of the same dataset that are known, to find those that exclude one another. */
  known?: (manifest: DatasetManifest) => Promise<readonly SignedVersion[]>
}

/**
 * Follows the chain of predecessors, one open bundle at a time. A chain cannot be a circle, since each root
 * commits to the one before it; it can be long, so it is bounded.
 *
 * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` names no version
 * @throws {@link InvalidManifestError} when a predecessor is another dataset or another publisher's
 * @throws {@link LimitExceededError} when there are more than `datasetVersionsMax`
 */
export async function* followVersions (ref: Reference, { open, known }: FollowComponents): AsyncGenerator<DatasetVersion> {
  parseReference(ref)
  let next: Reference | undefined = ref
  let after: DatasetManifest | undefined
  let others: readonly SignedVersion[] | undefined
  for (let count = 0; next !== undefined; count++) {
    if (count === datasetVersionsMax) {
      throw new LimitExceededError(`more than ${datasetVersionsMax} versions before ${String(ref)}`,
        { limit: 'datasetVersionsMax', max: datasetVersionsMax, actual: count + 1 })
    }
    const { cid, manifest, version } = await readVersion(next, open)
    if (after !== undefined) checkSame(after, manifest, cid.toString())
    others ??= await known?.(manifest) ?? []
    yield withConflicts(version, cid, others)
    next = manifest.previous
    after = manifest
  }
}

/** What a history says of one open version. */
export function describeVersion (bundle: Pick<DatasetBundle, 'cid' | 'delegations' | 'manifest' | 'statements'>): DatasetVersion {
  const { cid, manifest } = bundle
  const statement = statementOf(bundle, cid, manifest)
  return {
    version: manifest.datasetVersion,
    cid: cid.toString(),
    ...(manifest.previous === undefined ? {} : { previous: manifest.previous }),
    ...(statement === undefined ? {} : { statement })
  }
}

async function readVersion (
  ref: Reference, open: (ref: Reference) => Promise<DatasetBundle>
): Promise<{ cid: CID, manifest: DatasetManifest, version: DatasetVersion }> {
  const bundle = await open(ref)
  const { cid, manifest } = bundle
  const version = describeVersion(bundle)
  await bundle.close()
  return { cid, manifest, version }
}

function withConflicts (version: DatasetVersion, cid: CID, others: readonly SignedVersion[]): DatasetVersion {
  if (version.statement === undefined) return version
  const conflicts = conflictsWith({ cid, version: version.version, signed: version.statement }, others)
  return conflicts.length === 0 ? version : { ...version, conflicts }
}

function checkSame (after: DatasetManifest, before: DatasetManifest, cid: string): void {
  if (before.publisher !== after.publisher || before.name !== after.name) {
    throw new InvalidManifestError(
      `${after.publisher}/${after.name}@${after.datasetVersion} names ${cid} as its previous version, which is ${before.publisher}/${before.name}`)
  }
}
