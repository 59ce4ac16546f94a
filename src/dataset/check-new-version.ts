import { VersionTakenError } from '../errors.ts'
import { formatUrn } from '../format/reference.ts'
import type { DatasetName, KnownVersion } from './known-versions.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { CID } from 'multiformats/cid'

/** Versions that are being published: one that is not stored yet is taken all the same. */
export class VersionClaims {
  readonly #roots = new Map<string, { root: CID, count: number }>()

  /**
   * Says that a version is this root, until it is disposed of.
   *
   * @throws {@link VersionTakenError} when it is another one that is on its way
   */
  claim ({ publisher, name }: DatasetName, version: string, root: CID): Disposable {
    const key = `${publisher}/${name}@${version}`
    const claim = this.#roots.get(key) ?? { root, count: 0 }
    if (!claim.root.equals(root)) throw taken(`${key} is being published as ${formatUrn(claim.root)}`, claim.root)
    claim.count++
    this.#roots.set(key, claim)
    return {
      [Symbol.dispose]: () => {
        if (--claim.count === 0) this.#roots.delete(key)
      }
    }
  }
}

/**
 * Checks a new version against those of its dataset that this node has. Two of one number, two successors of one version, or
 * two first ones, signed by the same publisher, are an equivocation, and everybody who sees both can prove it.
 *
 * @throws {@link VersionTakenError} when it would be one
 */
export function checkNewVersion (
  { name, version }: DatasetInit, known: readonly KnownVersion[], { root, previous }: { root: CID, previous: CID | undefined }
): void {
  const others = known.filter(({ cid, signed }) => signed !== undefined && !cid.equals(root))
  const same = others.find(({ manifest }) => manifest.datasetVersion === version)
  if (same !== undefined) throw taken(`${name}@${version} is published as ${formatUrn(same.cid)}`, same.cid)
  const rival = others.find(({ manifest }) => manifest.previous === previous?.toString())
  if (rival === undefined) return
  const last = others.at(-1) ?? rival
  const advice = `name the last one as previous, ${formatUrn(last.cid)}, which is ${last.manifest.datasetVersion}`
  throw taken(previous === undefined
    ? `${name}@${version} names no previous version, and ${name}@${rival.manifest.datasetVersion} is the first one (${advice})`
    : `${name}@${version} would follow ${formatUrn(previous)}, which ${rival.manifest.datasetVersion} follows already (${advice})`, rival.cid)
}

function taken (problem: string, cid: CID): VersionTakenError {
  return new VersionTakenError(`${problem}: a version is published once, and what has changed is the next one`, { cid: cid.toString() })
}
