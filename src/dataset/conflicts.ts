import { EquivocationError } from '../errors.ts'
import { formatDatasetName } from '../format/dataset-name.ts'
import type { Candidate } from './candidates.ts'
import type { DatasetName } from './known-versions.ts'
import type { DatasetConflict } from '../interface/dataset-version.ts'

/** A version that its publisher signed. */
export type SignedVersion = Omit<Candidate, 'providers'>

/**
 * Finds those among the versions of one dataset that cannot be beside this one: of the same number, or after the same
 * predecessor. All of them are signed by the publisher, and their numbers are known from their manifests.
 */
export function conflictsWith (version: SignedVersion, others: readonly SignedVersion[]): DatasetConflict[] {
  return others.flatMap(({ cid, version: number, signed }): DatasetConflict[] => {
    if (cid.equals(version.cid)) return []
    const isSameVersion = number === version.version
    if (!isSameVersion && signed.statement.answers !== version.signed.statement.answers) return []
    return [{ reason: isSameVersion ? 'same-version' : 'same-predecessor', version: number, cid: cid.toString(), statement: signed }]
  })
}

/** The error that carries both statements; undefined when there is no conflict. */
export function equivocationOf (
  of: DatasetName, version: SignedVersion, conflicts: readonly DatasetConflict[]
): EquivocationError | undefined {
  const [first] = conflicts
  if (first === undefined) return undefined
  const name = formatDatasetName({ publisher: of.publisher, name: of.name, version: version.version })
  const what = first.reason === 'same-version' ? 'two versions under one number' : `two versions after the same one, ${version.version} and ${first.version}`
  return new EquivocationError(
    `${of.publisher} signed ${what} of ${of.name}: ${version.cid.toString()} and ${first.cid}. Name the one that you mean by its ` +
    'CID, and keep both statements',
    { name, cid: version.cid.toString(), statement: version.signed, equivocations: conflicts })
}
