import { DataNodeError } from '../errors.ts'
import { encodeDelegation, readDelegation } from '../format/delegation.ts'
import { cidOf } from '../format/digest.ts'
import { encodeStatement, readStatement } from '../format/statement.ts'
import { datasetAskedMax } from '../limits.ts'
import { askVersions } from '../transfer/ask-versions.ts'
import { isPublishedBy } from './known-versions.ts'
import { compareVersions } from './semantic-version.ts'
import type { KnownVersions } from './known-versions.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { VersionAnswer, VersionQuery } from '../interface/dataset-lookup.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { FetchOptions } from '../interface/options.ts'
import type { Address } from '../interface/primitives.ts'
import type { CID } from 'multiformats/cid'

/** A root that the publisher signed, and that somebody says is this version. */
export interface Candidate {
  cid: CID
  version: string
  signed: SignedStatement
  /** Peer ids of those who tell of it; empty where it is here, or a trail names it. */
  providers: string[]
}

/** What looking for versions needs. */
export interface CandidateComponents {
  versions: Pick<KnownVersions, 'list'>
  network: Pick<Network, 'connect' | 'find' | 'openStream' | 'routerPeers'>
  /** Versions that the trails name which this node follows; none by default. */
  named?: (() => Promise<readonly NamedVersion[]>) | undefined
  /** Those of a wallet that this node has seen. */
  delegationsOf: (wallet: Address) => readonly SignedDelegation[]
}

/**
 * Collects what this node and those that it is connected to know of a dataset: the publisher, routers, and the providers
 * that are named; and what the trails name that this node follows. Signatures are checked; what number a root has is not
 * known for sure before its manifest was read.
 *
 * @returns the newest first; and of those who were asked in vain, why
 */
export async function findCandidates (
  components: CandidateComponents, query: VersionQuery, options: FetchOptions & { signal: AbortSignal }
): Promise<{ candidates: Candidate[], failed: string[] }> {
  const found = new Map<string, Candidate>()
  for (const { cid, manifest, signed } of await components.versions.list(query)) {
    if (signed === undefined || (query.version !== undefined && query.version !== manifest.datasetVersion)) continue
    const version = manifest.datasetVersion
    found.set(keyOf(cid, version), { cid, version, signed, providers: [] })
  }
  const failed: string[] = []
  const peers = await peersToAsk(components.network, query, options)
  const answers = await Promise.all(peers.map(async peer => {
    try {
      return { peer, versions: (await askVersions(components.network, peer, query, options.signal)).versions }
    } catch (error) {
      options.signal.throwIfAborted()
      if (!(error instanceof DataNodeError)) throw error
      failed.push(error.message)
      return { peer, versions: [] }
    }
  }))
  for (const { peer, versions } of answers) {
    for (const answer of versions) note(found, query, { peer, answer, known: components.delegationsOf(query.publisher) })
  }
  for (const answer of await namedAnswers(components, query)) {
    note(found, query, { peer: undefined, answer, known: components.delegationsOf(query.publisher) })
  }
  return { candidates: [...found.values()].sort((a, b) => compareVersions(b.version, a.version)), failed }
}

/** What the trails that are followed say of a dataset, as a peer would say it. */
export async function namedAnswers (
  { named }: Pick<CandidateComponents, 'named'>, query: VersionQuery
): Promise<VersionAnswer[]> {
  const versions = await named?.() ?? []
  return versions.flatMap(({ publisher, name, version, statement, delegation }) => {
    if (publisher !== query.publisher || name !== query.name || (query.version ?? version) !== version) return []
    const shown = delegation === undefined ? {} : { delegation: encodeDelegation(delegation) }
    return [{ root: cidOf(statement.root), version, statement: encodeStatement(statement), ...shown }]
  })
}

async function peersToAsk (
  network: CandidateComponents['network'], { publisher }: VersionQuery, { providers = [], signal }: FetchOptions & { signal: AbortSignal }
): Promise<ConnectedPeer[]> {
  const named = await Promise.all(providers.filter(provider => !/^https?:/.test(provider)).map(async provider => {
    try {
      return network.find(provider) ?? await network.connect(provider, { signal })
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof DataNodeError) return undefined
      throw error
    }
  }))
  const routers = network.routerPeers().map(router => router.find())
  const peers = new Map<string, ConnectedPeer>()
  for (const peer of [network.find(publisher), ...named, ...routers]) {
    if (peer !== undefined) peers.set(peer.peerId, peer)
  }
  return [...peers.values()].slice(0, datasetAskedMax)
}

/** What a peer says of a version. */
interface HeardAnswer {
  /** Undefined where a trail says it: then nobody is known to have the version. */
  peer: ConnectedPeer | undefined
  answer: VersionAnswer
  /** Delegations of the publisher. */
  known: readonly SignedDelegation[]
}

function note (
  found: Map<string, Candidate>, query: VersionQuery, { peer, answer, known }: HeardAnswer
): void {
  const { root, version, statement, delegation } = answer
  if (query.version !== undefined && version !== query.version) return
  const key = keyOf(root, version)
  const before = found.get(key)
  if (before !== undefined) {
    if (before.providers.length > 0 && peer !== undefined) before.providers.push(peer.peerId)
    return
  }
  const signed = checked(readStatement, statement)
  const shown = delegation && checked(readDelegation, delegation)
  const delegations = shown === undefined ? known : [shown, ...known]
  if (signed === undefined || !isPublishedBy(query.publisher, signed, root, delegations)) return
  found.set(key, { cid: root, version, signed, providers: peer === undefined ? [] : [peer.peerId] })
}

/** A peer may say another number of a root than is true, and must not keep others from saying the right one. */
function keyOf (root: CID, version: string): string {
  return `${root.toString()}@${version}`
}

function checked<T> (read: (bytes: Uint8Array) => T, bytes: Uint8Array): T | undefined {
  try {
    return read(bytes)
  } catch (error) {
    if (error instanceof DataNodeError) return undefined
    throw error
  }
}
