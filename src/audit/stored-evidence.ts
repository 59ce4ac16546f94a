import { taskText } from '../bundle/task-reference.ts'
import { encodeDelegation } from '../format/delegation.ts'
import { countsAs } from '../format/delegated.ts'
import { encodeStatement } from '../format/statement.ts'
import { foundEvidenceMax } from '../limits.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { SignedDelegation } from '../interface/delegation.ts'
import type { EvidenceQuestion } from '../interface/evidence-lookup.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { Store, StoredBundle } from '../interface/store.ts'
import type { MayRead } from '../interface/transfer.ts'
import type { KnownDelegations } from '../network/known-delegations.ts'
import type { KnownEvidence } from '../transfer/serve-evidence.ts'

/** What is needed to say which evidence is stored. */
export interface StoredEvidenceComponents {
  store: Pick<Store, 'record' | 'records'>
  delegations: Pick<KnownDelegations, 'with'>
}

/** What is needed to tell a peer. */
export interface TellEvidenceComponents extends StoredEvidenceComponents {
  mayRead: MayRead
}

/** A statement of stored evidence, and the delegations that its signer's wallets are known to have signed. */
export interface StoredEvidence {
  signed: SignedStatement
  delegations: readonly SignedDelegation[]
}

/** Lists the evidence on a task that is stored and that the question asks for, what was stored last first. */
export function * storedEvidence (
  { store, delegations: known }: StoredEvidenceComponents, { task, signer }: EvidenceQuestion
): Generator<StoredEvidence & { stored: StoredBundle }> {
  const text = taskText(task)
  const bundles = [...store.records()].filter(stored => stored.kind === 'evidence' && stored.task !== undefined && taskText(stored.task) === text)
  for (const stored of bundles.sort((a, b) => b.storedAt - a.storedAt)) {
    const delegations = known.with(stored.delegations ?? [])
    for (const signed of stored.statements) {
      if (!isOfTask(signed, text) || (signer !== undefined && !countsAs(signed, signer, delegations))) continue
      yield { stored, signed, delegations: delegations.filter(({ delegation }) => delegation.node === signed.signer) }
    }
  }
}

/** True when a statement is one about evidence on a task. */
export function isOfTask ({ statement: { kind, task } }: SignedStatement, text: string): boolean {
  return kind === 'evidence' && task !== undefined && taskText(task) === text
}

/** What a peer is told: of the first few that it may read. Of the others it is not told that there are any. */
export async function tellEvidence (
  components: TellEvidenceComponents, question: EvidenceQuestion, peer: ConnectedPeer, options: { signal: AbortSignal }
): Promise<KnownEvidence> {
  const statements: Uint8Array[] = []
  const delegations = new Map<string, Uint8Array>()
  for (const found of storedEvidence(components, question)) {
    if (statements.length >= foundEvidenceMax) break
    if (!await isReadable(components, found.stored, peer, options)) continue
    statements.push(encodeStatement(found.signed.statement))
    for (const { delegation } of found.delegations) delegations.set(delegation.signature, encodeDelegation(delegation))
  }
  return { statements, delegations: [...delegations.values()].slice(0, foundEvidenceMax) }
}

async function isReadable (
  { store, mayRead }: TellEvidenceComponents, { root, readers }: StoredBundle, peer: ConnectedPeer,
  options: { signal: AbortSignal }
): Promise<boolean> {
  if (!await mayRead(root, readers, peer, options)) return false
  // While a function was asked, others may have taken its place.
  const now = store.record(root)
  return now?.readers === readers && !now.embargoed
}
