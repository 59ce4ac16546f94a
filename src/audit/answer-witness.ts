import { equals } from 'multiformats/bytes'
import { DamagedTrailError, DataNodeError, InvalidProofError, ProofMismatchError, StorageError, StorageFullError } from '../errors.ts'
import { parseAuditOrigin } from '../format/audit-origin.ts'
import { decodeSeenCheckpoint, encodeSeenCheckpoint } from '../format/seen-checkpoint.ts'
import { busyRetryMs } from '../limits.ts'
import { verifyConsistency } from '../merkle/consistency.ts'
import { verifyKept } from './kept-checkpoints.ts'
import type { ConnectedPeer } from '../interface/network.ts'
import type { WitnessAddition, WitnessQuestion, WitnessRequest } from '../interface/witness.ts'
import type { WitnessReply } from '../transfer/serve-witness.ts'
import type { SeenCheckpoint } from '../format/seen-checkpoint.ts'
import type { Forks } from './forks.ts'
import type { KeptCheckpoint, KeptCheckpoints } from './kept-checkpoints.ts'

/** What answering as a witness needs. */
export interface AnswerWitnessComponents {
  kept: Pick<KeptCheckpoints, 'find' | 'keep'>
  forks: Pick<Forks, 'keep'>
  /** Answers for this node's own log, to somebody who has seen this of it. */
  ownLog: (seen: SeenCheckpoint | undefined, peer: ConnectedPeer, options: { signal: AbortSignal }) => Promise<WitnessReply>
  /** Newest checkpoints of logs that this node follows. */
  followed: (origin: string) => KeptCheckpoint | undefined
}

/** Answers one request. What is wrong with it is said, and not thrown. */
export async function answerWitness (
  components: AnswerWitnessComponents, request: WitnessRequest, peer: ConnectedPeer, options: { signal: AbortSignal }
): Promise<WitnessReply> {
  try {
    return request.op === 'ask' ? await ask(components, request, peer, options) : await add(components, request, peer)
  } catch (error) {
    // What is wrong with this node's own disk is nobody else's business.
    if (error instanceof StorageError || error instanceof StorageFullError) return { status: 'busy', retryAfterMs: busyRetryMs }
    if (error instanceof DamagedTrailError) return { status: 'not-found' }
    throw error
  }
}

async function ask (
  { kept, followed, ownLog }: AnswerWitnessComponents, { origin, checkpoint }: WitnessQuestion, peer: ConnectedPeer,
  options: { signal: AbortSignal }
): Promise<WitnessReply> {
  if (origin === undefined) {
    const seen = checkpoint === undefined ? undefined : decode(checkpoint)
    return seen === 'malformed' ? { status: 'bad-request' } : await ownLog(seen, peer, options)
  }
  const [own, other] = [await kept.find(origin), followed(origin)]
  const [seen] = [own, other].filter(found => found !== undefined).sort((a, b) => b.checkpoint.size - a.checkpoint.size)
  return seen === undefined ? { status: 'not-found' } : { status: 'ok', checkpoint: encodeSeenCheckpoint(seen) }
}

/** The order of checks is that of C2SP tlog-witness, but that nothing is verified which is refused anyway. */
async function add (
  { kept, forks }: AnswerWitnessComponents, { checkpoint, oldSize, proof }: WitnessAddition, { address }: ConnectedPeer
): Promise<WitnessReply> {
  const seen = decode(checkpoint)
  if (seen === 'malformed') return { status: 'bad-request' }
  if (address === undefined || parseAuditOrigin(seen.auditKey.origin).address !== address) return { status: 'forbidden' }
  const known = await kept.find(seen.auditKey.origin)
  if ((known?.checkpoint.size ?? 0) !== oldSize) return { status: 'conflict', ...shown(known) }
  const added = verify(seen)
  if (added === undefined) return { status: 'forbidden' }
  if (added.checkpoint.size < oldSize) return { status: 'bad-request' }
  if (known !== undefined && added.checkpoint.size === oldSize) {
    const { root } = added.checkpoint
    if (equals(root, known.checkpoint.root)) return { status: 'ok' }
    await forks.keep({ earlier: known, later: seen, root, proof: [] })
    return { status: 'conflict', ...shown(known) }
  }
  if (!continues(known, added, proof)) return { status: 'inconsistent', ...shown(known) }
  return await kept.keep(seen) ? { status: 'ok' } : { status: 'busy' }
}

function shown (known: KeptCheckpoint | undefined): Pick<WitnessReply, 'checkpoint'> {
  return known === undefined ? {} : { checkpoint: encodeSeenCheckpoint(known) }
}

function decode (bytes: Uint8Array): SeenCheckpoint | 'malformed' {
  return attempt(() => decodeSeenCheckpoint(bytes)) ?? 'malformed'
}

function verify (seen: SeenCheckpoint): KeptCheckpoint | undefined {
  return attempt(() => verifyKept(seen))
}

function continues (
  known: KeptCheckpoint | undefined, { checkpoint: later }: KeptCheckpoint, proof: readonly Uint8Array[]
): boolean {
  if (known === undefined) return proof.length === 0
  try {
    verifyConsistency({ earlier: known.checkpoint, later }, proof)
    return true
  } catch (error) {
    if (error instanceof InvalidProofError || error instanceof ProofMismatchError) return false
    throw error
  }
}

/** What a step gives; undefined when it refuses what a peer sent. */
function attempt<T> (step: () => T): T | undefined {
  try {
    return step()
  } catch (error) {
    if (error instanceof DataNodeError) return undefined
    throw error
  }
}
