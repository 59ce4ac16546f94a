import { InvalidManifestError, LimitExceededError } from '../errors.ts'
import { parseReference } from '../format/reference.ts'
import { datasetVersionsMax } from '../limits.ts'
import type { DatasetBundle } from '../interface/bundle.ts'
import type { DatasetVersion } from '../interface/dataset.ts'
import type { DatasetManifest } from '../interface/manifest.ts'
import type { Reference } from '../interface/primitives.ts'

/**
 * Follows the chain of predecessors, one open bundle at a time. A chain cannot be a circle, since each root
 * commits to the one before it; it can be long, so it is bounded.
 *
 * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when `ref` names no version
 * @throws {@link InvalidManifestError} when a predecessor is another dataset or another publisher's
 * @throws {@link LimitExceededError} when there are more than `datasetVersionsMax`
 */
export async function* followVersions (
  ref: Reference, open: (ref: Reference) => Promise<DatasetBundle>
): AsyncGenerator<DatasetVersion> {
  parseReference(ref)
  let next: Reference | undefined = ref
  let after: DatasetManifest | undefined
  for (let count = 0; next !== undefined; count++) {
    if (count === datasetVersionsMax) {
      throw new LimitExceededError(`more than ${datasetVersionsMax} versions before ${String(ref)}`,
        { limit: 'datasetVersionsMax', max: datasetVersionsMax, actual: count + 1 })
    }
    const { cid, manifest } = await readVersion(next, open)
    if (after !== undefined) checkSame(after, manifest, cid)
    yield { version: manifest.datasetVersion, cid, ...(manifest.previous === undefined ? {} : { previous: manifest.previous }) }
    next = manifest.previous
    after = manifest
  }
}

async function readVersion (
  ref: Reference, open: (ref: Reference) => Promise<DatasetBundle>
): Promise<{ cid: string, manifest: DatasetManifest }> {
  const bundle = await open(ref)
  const { cid, manifest } = bundle
  await bundle.close()
  return { cid: cid.toString(), manifest }
}

function checkSame (after: DatasetManifest, before: DatasetManifest, cid: string): void {
  if (before.publisher !== after.publisher || before.name !== after.name) {
    throw new InvalidManifestError(
      `${after.publisher}/${after.name}@${after.datasetVersion} names ${cid} as its previous version, which is ${before.publisher}/${before.name}`)
  }
}
