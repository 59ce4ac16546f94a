import { trailDatasetsMax } from '../limits.ts'
import type { KnownVersions } from './known-versions.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { Address } from '../interface/primitives.ts'
import type { Store } from '../interface/store.ts'

/** What naming versions in a trail needs. */
export interface NamedVersionsComponents {
  versions: Pick<KnownVersions, 'list'>
  store: Pick<Store, 'record'>
}

/**
 * The versions that the trail of a signer may name to everybody: those that it signed, that are stored, and that anyone may read.
 * The newest of each dataset first, then the one before it of each, as many as a trail names.
 */
export async function namedVersions ({ versions, store }: NamedVersionsComponents, signer: Address): Promise<NamedVersion[]> {
  const datasets = new Map<string, NamedVersion[]>()
  // The newest first.
  for (const { cid, manifest, signed, delegation } of (await versions.list()).reverse()) {
    const { publisher, name, datasetVersion: version } = manifest
    const stored = store.record(cid)
    if (signed?.signer !== signer || stored?.readers !== 'anyone' || stored.embargoed) continue
    const shown = delegation === undefined ? {} : { delegation: delegation.delegation }
    const key = `${publisher}/${name}`
    const known = datasets.get(key) ?? []
    datasets.set(key, known)
    known.push({ publisher, name, version, statement: signed.statement, ...shown })
  }
  const ranked = [...datasets.values()].flatMap(known => known.map((version, rank) => ({ version, rank })))
  return ranked.sort((a, b) => a.rank - b.rank).slice(0, trailDatasetsMax).map(({ version }) => version)
}
