import { WrongKindError } from '../errors.ts'
import type { Bundle, DatasetBundle, EvidenceBundle, ResultBundle, TaskBundle } from '../interface/bundle.ts'

interface Kinds {
  task: TaskBundle
  result: ResultBundle
  dataset: DatasetBundle
  evidence: EvidenceBundle
}

/**
 * Takes a handle for one on a bundle of this kind; a handle on anything else is closed.
 *
 * @throws {@link WrongKindError} when its manifest says another kind, or when it has none
 */
export async function expectKind<Kind extends keyof Kinds> (bundle: Bundle, kind: Kind): Promise<Kinds[Kind]> {
  const actual = bundle.manifest?.kind
  if (actual === kind) return bundle as Kinds[Kind]
  await bundle.close()
  const found = actual === undefined ? 'not a bundle' : `a ${actual} bundle`
  throw new WrongKindError(`${bundle.urn} is ${found}, and a ${kind} bundle was expected`, { expected: kind, actual })
}
