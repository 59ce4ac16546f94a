import { DataNodeError } from '../errors.ts'
import { formatAuditOrigin } from '../format/audit-origin.ts'
import { encodeSeenCheckpoint } from '../format/seen-checkpoint.ts'
import { serveEvidence } from '../transfer/serve-evidence.ts'
import { serveWitness } from '../transfer/serve-witness.ts'
import { createAnchoring } from './anchoring.ts'
import { answerWitness } from './answer-witness.ts'
import { ClockSkew } from './clock-skew.ts'
import { FollowedLogs } from './followed-logs.ts'
import { Forks } from './forks.ts'
import { KeptCheckpoints } from './kept-checkpoints.ts'
import { createStatementTrail } from './statement-trail.ts'
import { tellEvidence } from './stored-evidence.ts'
import { TrailBundles } from './trail-bundles.ts'
import { TrailGuard } from './trail-guard.ts'
import { Witnesses } from './witnesses.ts'
import type { PublishComponents } from '../bundle/publish.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { Identity, Network } from '../interface/network.ts'
import type { ServeWitnessComponents, WitnessReply } from '../transfer/serve-witness.ts'
import type { AnchorOptions } from './anchor-options.ts'
import type { Anchoring } from './anchoring.ts'
import type { AnswerWitnessComponents } from './answer-witness.ts'
import type { FollowComponents } from './followed-log.ts'
import type { StatementTrail } from './statement-trail.ts'
import type { TellEvidenceComponents } from './stored-evidence.ts'
import type { TrailBundlesComponents } from './trail-bundles.ts'
import type { CheckpointSource } from './trail-guard.ts'

/** What the audit trail of a node, and what it knows of others', is made of. */
export interface AuditParts {
  statements: StatementTrail
  guard: TrailGuard
  witnesses: Witnesses
  kept: KeptCheckpoints
  forks: Forks
  skew: ClockSkew
  bundles: TrailBundles
  followed: FollowedLogs
  /** Absent when the host gave no anchor. */
  anchoring?: Anchoring | undefined
}

/** What they need from the node. */
export interface AuditPartsInit extends PublishComponents, AnchorOptions {
  identity: Identity
  log: (line: string) => void
  /** Versions of datasets that the trail of this node names. */
  named?: TrailBundlesComponents['named'] | undefined
  /** Who is asked for checkpoints of this node's log beside its routers: an anchor. */
  sources?: readonly CheckpointSource[]
}

/** What they need once it is connected. */
export interface AuditNetworkComponents extends FollowComponents, Omit<TellEvidenceComponents, 'store'> {
  store: FollowComponents['store'] & TellEvidenceComponents['store']
  network: FollowComponents['network'] & Pick<Network, 'handle' | 'onRouter'>
}

/** Builds them. Nothing is read or asked yet. */
export function createAuditParts (init: AuditPartsInit): AuditParts {
  const { store, identity, clock, log, sources = [] } = init
  const files = store.auditFiles
  const origin = formatAuditOrigin({ address: identity.signer, repositoryId: store.repositoryId })
  const kept = new KeptCheckpoints({ files, log })
  const forks = new Forks({ files, log })
  const skew = new ClockSkew()
  const guard: TrailGuard = new TrailGuard({ origin, sources: () => [...sources, ...witnesses.sources()], kept, forks, log })
  const witnesses = new Witnesses({ guard, skew, clock, log })
  const statements = createStatementTrail({ store, identity, clock, log, guard, onAppended: trail => { witnesses.note(trail) } })
  const bundles = new TrailBundles({ ...init, now: () => performance.now() })
  const followed = new FollowedLogs({ files, forks, log })
  const anchoring = createAnchoring({ ...init, statements, random: Math.random })
  return { statements, guard, witnesses, kept, forks, skew, bundles, followed, anchoring }
}

/** Reads what an earlier process left, before anything is published. */
export async function startAuditParts ({ statements, forks }: AuditParts): Promise<void> {
  await forks.start()
  await statements.start()
}

/** Tells and asks others from now on, and answers them. */
export async function connectAuditParts (parts: AuditParts, components: AuditNetworkComponents & Pick<AuditPartsInit, 'clock' | 'log'>): Promise<void> {
  const { network, clock, log } = components
  const { kept, forks, witnesses, followed } = parts
  witnesses.start(network)
  followed.start(components)
  const answering: AnswerWitnessComponents = {
    kept,
    forks,
    followed: origin => followed.find(origin),
    ownLog: async (seen, { address, peerId }, options) => await showOwnLog(parts, { seen, peer: address ?? peerId, log }, options)
  }
  const answer: ServeWitnessComponents['answer'] = async (...asked) => await answerWitness(answering, ...asked)
  await serveWitness({ network, clock, answer })
  await serveEvidence({ network, answer: async (...asked) => await tellEvidence(components, ...asked) })
  parts.anchoring?.start()
}

/** Stops them while the network still runs: what waits is appended after it was compared. */
export async function stopAuditParts ({ anchoring, statements, guard, witnesses, followed }: AuditParts): Promise<void> {
  await anchoring?.stop()
  followed.stop()
  await statements.stop()
  guard.stop()
  await witnesses.stop()
}

/** Who asks for this node's log. */
interface Follower {
  /** The newest checkpoint that it has seen of it. */
  seen: SeenCheckpoint | undefined
  peer: string
  log: (line: string) => void
}

/**
 * Somebody follows this node's log: shows its newest bundle, made now when that is worth it. Where it is found that the log
 * contradicts what was seen of it, that is said, and it is shown all the same.
 */
async function showOwnLog (
  { statements, guard, bundles }: AuditParts, { seen, peer, log }: Follower, options: { signal: AbortSignal }
): Promise<WitnessReply> {
  try {
    const trail = await statements.flush()
    if (seen !== undefined) await guard.hear(trail, seen, `the follower ${peer}`, options)
  } catch (error) {
    if (!(error instanceof DataNodeError)) throw error
    log(`the audit trail is shown to ${peer} as it is: ${String(error)}`)
  }
  const { seen: shown, root } = await bundles.newest(await statements.open())
  return { status: guard.refusal === undefined ? 'ok' : 'conflict', checkpoint: encodeSeenCheckpoint(shown), trail: root }
}
