import { UnavailableError } from '../errors.ts'
import { formatUrn } from '../format/reference.ts'
import { findVersion } from './find-version.ts'
import { describeVersion } from './versions.ts'
import type { FindOptions, FindVersionComponents } from './find-version.ts'
import type { Anchor } from '../interface/anchor.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { DatasetReference } from '../interface/dataset-version.ts'
import type { ResolvedVersion, StatementProof } from '../interface/dataset-trail.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** Proves that a statement is in the log of its signer, as far as that goes, and finds where that is anchored. */
export type ProveStatement = (
  signed: SignedStatement, options: AbortOptions & { anchors: readonly Anchor[], signal: AbortSignal }
) => Promise<StatementProof>

/** What resolving needs. */
export interface ResolveComponents extends FindVersionComponents {
  prove: ProveStatement
}

/**
 * Says which version a reference names, and by what its publisher's log has it.
 *
 * @throws {@link UnavailableError} when nobody who was asked has it, or none of the anchors has a checkpoint that commits to it
 * @throws {@link EquivocationError} when the publisher signed another one in its place
 */
export async function resolveVersion (
  components: ResolveComponents, ref: DatasetReference, anchors: readonly Anchor[], options: FindOptions
): Promise<ResolvedVersion> {
  const proven = new Map<string, StatementProof & { statement: SignedStatement }>()
  /** Why a version does not count; undefined when it does. */
  const refuse = async (cid: CID, statement: SignedStatement): Promise<string | undefined> => {
    const proof = await components.prove(statement, { anchors, signal: options.signal })
    proven.set(cid.toString(), { ...proof, statement })
    if (anchors.length === 0 || proof.anchored !== undefined) return undefined
    const lacking = proof.inclusion === undefined ? 'is not shown to be in the log of its publisher' : 'is in no checkpoint that is anchored'
    return `${formatUrn(cid)} ${lacking}`
  }
  const { cid, providers, equivocation } = await findVersion(components, ref, options, refuse)
  if (equivocation !== undefined) throw equivocation
  const bundle = await components.openVersion(cid, { ...options, providers })
  await bundle.close()
  const { name, urn } = bundle
  const version = describeVersion(bundle)
  // Of a name it is proven already.
  const problem = proven.has(version.cid) || version.statement === undefined ? undefined : await refuse(cid, version.statement)
  const proof = proven.get(version.cid)
  if (anchors.length > 0 && proof?.anchored === undefined) {
    throw new UnavailableError(`${name} is not anchored: ${problem ?? `nobody is known to have signed ${urn}`}`, { name })
  }
  const tellers = providers.filter(provider => options.providers?.includes(provider) !== true)
  return { ...version, name, urn, providers: tellers, ...proof ?? { receipts: [] } }
}
