import { DataNodeError, InvalidReferenceError, UnavailableError } from '../errors.ts'
import { formatDatasetName, parseDatasetName } from '../format/dataset-name.ts'
import { quote } from '../format/quote.ts'
import { parseReference } from '../format/reference.ts'
import { findCandidates } from './candidates.ts'
import { conflictsWith, equivocationOf } from './conflicts.ts'
import type { Candidate, CandidateComponents } from './candidates.ts'
import type { DatasetBundle, SignedStatement } from '../interface/bundle.ts'
import type { EquivocationError } from '../errors.ts'
import type { DatasetReference } from '../interface/dataset-version.ts'
import type { VersionQuery } from '../interface/dataset-lookup.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { Reference } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** What finding a version needs. */
export interface FindVersionComponents extends CandidateComponents {
  /** Opens a version, of which the manifest is read. */
  openVersion: (ref: Reference, options: FetchOptions) => Promise<DatasetBundle>
}

/** Where a version is. */
export interface FoundVersion {
  cid: CID
  /** Who to ask for it. */
  providers: string[]
  /** Set where the publisher signed another one in its place. */
  equivocation?: EquivocationError
}

/** How a version is looked for. */
export type FindOptions = FetchOptions & { signal: AbortSignal }

/** Why a signed version does not count; undefined when it does. */
export type RefuseVersion = (cid: CID, signed: SignedStatement) => Promise<string | undefined>

/**
 * Finds the version that a reference names. A CID names itself; a name is looked up here and with others, and what they say
 * counts only when the manifest says so too.
 *
 * @param refuse - says of a version that is otherwise meant by a name why it does not count
 * @throws {@link InvalidReferenceError}, {@link ForeignReferenceError} when it names nothing
 * @throws {@link UnavailableError} when nobody who was asked has it
 */
export async function findVersion (
  components: FindVersionComponents, ref: DatasetReference, options: FindOptions, refuse?: RefuseVersion
): Promise<FoundVersion> {
  const name = parseDatasetName(ref)
  if (name !== undefined) return await findNamed(components, name, options, refuse)
  if (typeof ref === 'string' && /^0x[^/]*\//i.test(ref)) {
    throw new InvalidReferenceError(
      `${quote(ref)} names no dataset: a name is <address>/<name> or <address>/<name>@MAJOR.MINOR.PATCH, with an address of 40 hexadecimal digits and a lower-case name`,
      { value: ref })
  }
  const { cid, providers } = parseReference(ref)
  return { cid, providers: [...options.providers ?? [], ...providers] }
}

/**
 * Finds the newest version of a dataset, or one of it.
 *
 * @throws {@link UnavailableError} when nobody who was asked has it
 */
async function findNamed (
  components: FindVersionComponents, query: VersionQuery, options: FindOptions, refuse?: RefuseVersion
): Promise<FoundVersion> {
  const { publisher, name, version } = query
  // All of them: another one may follow the same version under another number.
  const { candidates, failed } = await findCandidates(components, { publisher, name }, options)
  const wanted = candidates.filter(candidate => version === undefined || candidate.version === version)
  const unconfirmed: string[] = []
  for (const candidate of wanted) {
    const problem = await problemWith(components, query, candidate, options) ?? await refuse?.(candidate.cid, candidate.signed)
    if (problem !== undefined) {
      unconfirmed.push(problem)
      continue
    }
    const rivals = candidates.filter(other => conflictsWith(candidate, [other]).length > 0)
    const others = await confirmed(components, query, rivals, options)
    const equivocation = equivocationOf(query, candidate, conflictsWith(candidate, others))
    const providers = [...candidate.providers, ...options.providers ?? []]
    return { cid: candidate.cid, providers, ...(equivocation === undefined ? {} : { equivocation }) }
  }
  const wantedName = formatDatasetName({ publisher, name, ...(version === undefined ? {} : { version }) })
  const reasons = [...failed, ...unconfirmed]
  throw new UnavailableError(
    `Nobody who was asked has ${wantedName}${reasons.length === 0 ? '' : ` (${reasons.join('; ')})`}: connect to its publisher or a ` +
    'mirror, or name one as a provider', { name: wantedName, reasons })
}

/**
 * The versions of a dataset that this node and others have, as far as it matters whether they are: those that exclude
 * another one are confirmed.
 */
export async function knownCandidates (
  components: FindVersionComponents, { publisher, name }: VersionQuery, options: FindOptions
): Promise<Candidate[]> {
  const query = { publisher, name }
  const { candidates } = await findCandidates(components, query, options)
  return await confirmed(components, query, candidates.filter(one => conflictsWith(one, candidates).length > 0), options)
}

/** Those that are what they are said to be: a liar may pass off another dataset's statement. */
async function confirmed (
  components: FindVersionComponents, query: VersionQuery, candidates: readonly Candidate[], options: FindOptions
): Promise<Candidate[]> {
  const found: Candidate[] = []
  for (const candidate of candidates) {
    if (await problemWith(components, query, candidate, options) === undefined) found.push(candidate)
  }
  return found
}

/** Why a candidate is not the version that it is said to be; undefined when it is. */
async function problemWith (
  { openVersion }: FindVersionComponents, { publisher, name }: VersionQuery, candidate: Candidate, options: FindOptions
): Promise<string | undefined> {
  const { cid, version, providers } = candidate
  try {
    const bundle = await openVersion(cid, { ...options, hold: false, providers: [...providers, ...options.providers ?? []] })
    const { manifest } = bundle
    await bundle.close()
    if (manifest.publisher === publisher && manifest.name === name && manifest.datasetVersion === version) return undefined
    return `${cid.toString()} is ${bundle.name}, and not version ${version} of ${name}`
  } catch (error) {
    options.signal.throwIfAborted()
    if (error instanceof DataNodeError) return error.message
    throw error
  }
}
