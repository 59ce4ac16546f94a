import { RefusedError, TimedOutError } from '../errors.ts'
import { decodeEvidenceAnswer, encodeEvidenceRequest, evidenceAnswerBound, evidenceProtocol } from '../format/evidence-messages.ts'
import { evidenceTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import { exchange } from './exchange.ts'
import type { EvidenceAnswer, EvidenceQuestion } from '../interface/evidence-lookup.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'

/**
 * Asks a peer which evidence on a task it knows of, and waits for its answer, a few seconds at most.
 *
 * @throws {@link TimedOutError} when it does not answer in time
 * @throws {@link RefusedError} when it does not answer such questions, or not now
 * @throws {@link PeerUnreachableError} when the connection or the stream ends before the answer
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when the answer is malformed
 */
export async function askEvidence (
  network: Pick<Network, 'openStream'>, peer: ConnectedPeer, question: EvidenceQuestion,
  { signal, timeoutMs = evidenceTimeoutMs }: { signal: AbortSignal, timeoutMs?: number | undefined }
): Promise<EvidenceAnswer> {
  const name = peer.address ?? peer.peerId
  const timedOut = (): Error => new TimedOutError(`${name} did not answer within ${timeoutMs} ms`, { peer: peer.peerId })
  const message = encodeEvidenceRequest(question)
  const answer = await withDeadline(timeoutMs, signal, timedOut, async own => decodeEvidenceAnswer(
    await exchange(network, peer, { protocol: evidenceProtocol, message, bound: evidenceAnswerBound, signal: own })))
  if (answer.status === 'ok') return answer
  const { status, retryAfterMs } = answer
  throw new RefusedError(`${name} does not say which evidence it has: it answers ${status}`, { peer: peer.peerId, status, retryAfterMs })
}
