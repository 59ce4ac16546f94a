import { encodeDelegation } from '../format/delegation.ts'
import { encodeStatement } from '../format/statement.ts'
import { datasetAnswerVersionsMax } from '../limits.ts'
import { answerVersions } from '../transfer/answer-versions.ts'
import { namedAnswers } from './candidates.ts'
import { compareVersions } from './semantic-version.ts'
import type { CandidateComponents } from './candidates.ts'
import type { KnownVersions } from './known-versions.ts'
import type { VersionAnswer, VersionQuery } from '../interface/dataset-lookup.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { Store } from '../interface/store.ts'
import type { MayRead } from '../interface/transfer.ts'

/** What answering for what is stored needs. */
export interface KnownAnswersComponents {
  versions: Pick<KnownVersions, 'list'>
  store: Pick<Store, 'record'>
  mayRead: MayRead
  /** Versions that the trails name which this node follows; none by default. */
  named?: CandidateComponents['named'] | undefined
}

/** Says from now on which versions are stored. */
export async function serveVersions (
  { network, ...components }: KnownAnswersComponents & { network: Pick<Network, 'handle'> }
): Promise<void> {
  await answerVersions({ network, lookUp: knownAnswers(components) })
}

/**
 * The versions that are stored, signed, revealed, and readable by the peer that asks: of a guarded one it hears no more than
 * of one that does not exist. And those that are not stored, and that the trails name which this node follows: whoever follows
 * the trail of a publisher answers for its names when it is gone.
 */
export function knownAnswers (
  { versions, store, mayRead, named }: KnownAnswersComponents
): (query: VersionQuery, peer: ConnectedPeer) => Promise<VersionAnswer[]> {
  return async (query, peer) => {
    const answers: VersionAnswer[] = []
    const known = await versions.list(query)
    for (const { cid, manifest, signed, delegation } of known.reverse()) {
      if (answers.length === datasetAnswerVersionsMax) break
      if (signed === undefined || (query.version !== undefined && query.version !== manifest.datasetVersion)) continue
      const stored = store.record(cid)
      if (stored === undefined || stored.embargoed || !await mayRead(cid, stored.readers, peer)) continue
      const shown = delegation === undefined ? {} : { delegation: encodeDelegation(delegation.delegation) }
      answers.push({ root: cid, version: manifest.datasetVersion, statement: encodeStatement(signed.statement), ...shown })
    }
    const others = (await namedAnswers({ named }, query)).filter(({ root }) => store.record(root) === undefined)
    return [...answers, ...others].sort((a, b) => compareVersions(b.version, a.version)).slice(0, datasetAnswerVersionsMax)
  }
}
