import { parseTaskReference, taskText } from '../bundle/task-reference.ts'
import { DataNodeError, StoppedError, UnavailableError } from '../errors.ts'
import { checkTexts, invalidArgument } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { countsAs, signersOf } from '../format/delegated.ts'
import { readDelegation } from '../format/delegation.ts'
import { cidOf } from '../format/digest.ts'
import { parseAddress } from '../format/hex.ts'
import { formatUrn } from '../format/reference.ts'
import { readStatement } from '../format/statement.ts'
import { evidenceAskedConcurrency, providersMax } from '../limits.ts'
import { candidates, connectCandidate } from '../transfer/candidates.ts'
import { askEvidence } from '../transfer/evidence.ts'
import { checkAnchorList } from './check-anchors.ts'
import { isOfTask, storedEvidence } from './stored-evidence.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceAnswer, EvidenceForOptions, EvidenceQuestion, FoundEvidence } from '../interface/evidence-lookup.ts'
import type { ConnectedPeer, Network, RouterPeer } from '../interface/network.ts'
import type { KnownDelegations } from '../network/known-delegations.ts'
import type { StoredEvidenceComponents } from './stored-evidence.ts'

/** What looking for evidence needs from the node. */
export interface FindEvidenceComponents extends StoredEvidenceComponents {
  network: Pick<Network, 'connect' | 'find' | 'openStream' | 'routerPeers'>
  delegations: Pick<KnownDelegations, 'with'>
  log: (line: string) => void
  /** Milliseconds for each peer to answer, by default those of `limits.ts`. */
  timeoutMs?: number
}

/** A statement that was found, and who told of it. */
export interface ToldEvidence {
  signed: SignedStatement
  delegations: readonly SignedDelegation[]
  providers: readonly string[]
}

/** What is looked for, and whom to ask. */
export interface EvidenceSearch extends Required<Pick<EvidenceForOptions, 'anchors' | 'providers'>> {
  question: EvidenceQuestion
}

/**
 * Takes from a host what it looks for.
 *
 * @throws {@link InvalidArgumentError} when something is not of its form
 */
export function checkEvidenceFor (task: unknown, { oracle, providers = [], anchors = [] }: EvidenceForOptions): EvidenceSearch {
  checkTexts(providers, 'providers')
  if (providers.length > providersMax) throw invalidArgument('providers', `at most ${providersMax} peers`, providers)
  checkAnchorList(anchors)
  const signer = oracle === undefined ? {} : { signer: parseAddress(oracle) }
  return { question: { task: parseTaskReference(task), ...signer }, providers, anchors }
}

/**
 * Finds the statements of evidence on a task: those that are stored here, and those that peers tell of, each one checked. In
 * groups by their signers, and of each the newest first, as it claims.
 *
 * @throws {@link UnavailableError} when nothing was found, and nobody answered
 * @throws the signal's reason
 */
export async function findEvidence (
  components: FindEvidenceComponents, { question, providers }: EvidenceSearch, { signal }: { signal: AbortSignal }
): Promise<ToldEvidence[]> {
  const { network, timeoutMs } = components
  const told = new ToldStatements(question)
  for (const found of storedEvidence(components, question)) told.add(found.signed, found.delegations)
  const attempts: { provider: string, reason: string }[] = []
  let answers = 0
  const asked = new Set<string>()
  const names = [...question.signer === undefined ? [] : [question.signer], ...providers]
  await forEachConcurrent(candidates(network, names), evidenceAskedConcurrency, async candidate => {
    try {
      const peer = await reach(candidate, signal)
      if (asked.has(peer.peerId)) return
      asked.add(peer.peerId)
      told.hear(await askEvidence(network, peer, question, { signal, timeoutMs }), peer, components)
      answers++
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof DataNodeError) || error instanceof StoppedError) throw error
      attempts.push({ provider: candidate.name, reason: error.message })
    }
  })
  const found = told.list()
  if (found.length > 0 || answers > 0) return found
  const reasons = attempts.map(({ provider, reason }) => `${provider}: ${reason}`).join('; ') || 'there is no router, and no provider was named'
  throw new UnavailableError(`Nobody could be asked for the evidence on task ${taskText(question.task)}: ${reasons}`, { attempts })
}

/** What a host is told of one statement, as far as it can be said without its trail. */
export function describeFound ({ signed, delegations, providers }: ToldEvidence): Omit<FoundEvidence, 'inclusion' | 'receipts'> {
  const { statement, signer } = signed
  const cid = cidOf(statement.root)
  return { urn: formatUrn(cid), cid, signer, wallets: signersOf(signed, delegations).slice(1), statement, delegations, providers }
}

async function reach (candidate: RouterPeer, signal: AbortSignal): Promise<ConnectedPeer> {
  const peer = candidate.find() ?? await connectCandidate(candidate, signal)
  if (peer instanceof DataNodeError) throw peer
  return peer
}

/** A statement, the delegations of its signer by their signatures, and the peer ids of those who told of it. */
interface Told {
  signed: SignedStatement
  delegations: Map<string, SignedDelegation>
  providers: Set<string>
}

/** What was told, by its signatures. */
class ToldStatements {
  readonly #question: EvidenceQuestion
  readonly #told = new Map<string, Told>()

  constructor (question: EvidenceQuestion) {
    this.#question = question
  }

  /** Takes of a peer's answer what is what was asked for. */
  hear (answer: EvidenceAnswer, { peerId, address }: ConnectedPeer, { delegations: known, log }: FindEvidenceComponents): void {
    const drop = (error: unknown): [] => {
      if (!(error instanceof DataNodeError)) throw error
      log(`evidence: something that ${address ?? peerId} tells of was dropped: ${error.message}`)
      return []
    }
    const read = <T>(bytes: Uint8Array, as: (bytes: Uint8Array) => T): T | [] => {
      try {
        return as(bytes)
      } catch (error) {
        return drop(error)
      }
    }
    const delegations = known.with(answer.delegations.flatMap(bytes => read(bytes, readDelegation)))
    for (const signed of answer.statements.flatMap(bytes => read(bytes, readStatement))) {
      const own = delegations.filter(({ delegation }) => delegation.node === signed.signer)
      if (this.#isAsked(signed, own)) this.add(signed, own, peerId)
      else log(`evidence: ${address ?? peerId} tells of something that it was not asked for, which was dropped`)
    }
  }

  add (signed: SignedStatement, delegations: readonly SignedDelegation[], peerId?: string): void {
    const { signature } = signed.statement
    const known: Told = this.#told.get(signature) ?? { signed, delegations: new Map(), providers: new Set() }
    this.#told.set(signature, known)
    for (const delegation of delegations) known.delegations.set(delegation.delegation.signature, delegation)
    if (peerId !== undefined) known.providers.add(peerId)
  }

  list (): ToldEvidence[] {
    const found = [...this.#told.values()].map(({ signed, delegations, providers }) =>
      ({ signed, delegations: [...delegations.values()], providers: [...providers] }))
    const newest = (a: ToldEvidence, b: ToldEvidence): number => Number(b.signed.statement.time) - Number(a.signed.statement.time)
    return [...Map.groupBy(found.sort(newest), ({ signed: { signer } }) => signer).values()].flat()
  }

  #isAsked (signed: SignedStatement, delegations: readonly SignedDelegation[]): boolean {
    const { task, signer } = this.#question
    return isOfTask(signed, taskText(task)) && (signer === undefined || countsAs(signed, signer, delegations))
  }
}
