import { VersionTakenError } from '../errors.ts'
import { formatUrn } from '../format/reference.ts'
import { after } from './version-rule.ts'
import type { DatasetName, KnownVersion } from './known-versions.ts'
import type { DatasetInit } from '../interface/dataset.ts'
import type { CID } from 'multiformats/cid'

/** Versions that this process has published or is publishing: one that is not stored, yet or any more, is taken all the same. */
export class VersionClaims {
  readonly #roots = new Map<string, { root: CID, count: number }>()

  /**
   * Says that a version, and the place after its predecessor, are this root's. Dispose of it when it was not published after all.
   *
   * @throws {@link VersionTakenError} when one of them is another root's
   */
  claim (
    { publisher, name }: DatasetName, { version, previous }: { version: string, previous: CID | undefined }, root: CID
  ): Disposable {
    const dataset = `${publisher}/${name}`
    const keys = [`${dataset}@${version}`, `${dataset} after ${previous?.toString() ?? 'nothing'}`]
    for (const key of keys) {
      const claim = this.#roots.get(key)
      if (claim !== undefined && !claim.root.equals(root)) throw taken(`${key} is ${formatUrn(claim.root)}`, claim.root)
    }
    for (const key of keys) this.#roots.set(key, { root, count: (this.#roots.get(key)?.count ?? 0) + 1 })
    return { [Symbol.dispose]: () => { for (const key of keys) this.#release(key) } }
  }

  #release (key: string): void {
    const claim = this.#roots.get(key)
    if (claim !== undefined && --claim.count === 0) this.#roots.delete(key)
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
  const rival = same ?? others.find(({ manifest }) => manifest.previous === previous?.toString())
  if (rival === undefined) return
  const { cid, manifest: { datasetVersion } } = others.at(-1) ?? rival
  const advice = `the last one is ${datasetVersion}: name it as previous, ${formatUrn(cid)}, of a later one such as ${after(datasetVersion, 'minor')}`
  if (same !== undefined) throw taken(`${name}@${version} is published as ${formatUrn(same.cid)} (${advice})`, same.cid)
  throw taken(previous === undefined
    ? `${name}@${version} names no previous version, and ${name}@${rival.manifest.datasetVersion} is the first one (${advice})`
    : `${name}@${version} would follow ${formatUrn(previous)}, which ${rival.manifest.datasetVersion} follows already (${advice})`, rival.cid)
}

function taken (problem: string, cid: CID): VersionTakenError {
  return new VersionTakenError(`${problem}: a version is published once, and what has changed is the next one`, { cid: cid.toString() })
}
