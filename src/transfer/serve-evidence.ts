import { decodeEvidenceRequest, encodeEvidenceAnswer, evidenceProtocol, evidenceRequestBound } from '../format/evidence-messages.ts'
import { KeyedSlots } from '../format/slots.ts'
import {
  busyRetryMs, evidenceRequestsMax, evidenceRequestsWaitingMax, evidenceServeTimeoutMs, requestTimeoutMs
} from '../limits.ts'
import { closedSignal, MessageStream } from './message-stream.ts'
import { receiveRequest } from './receive-request.ts'
import type { EvidenceAnswer, EvidenceQuestion } from '../interface/evidence-lookup.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../interface/network.ts'
import type { Stream } from '@libp2p/interface'

/** What of the evidence on a task a peer may read. */
export type KnownEvidence = Pick<EvidenceAnswer, 'statements' | 'delegations'>

/** What answering questions about evidence needs. */
export interface ServeEvidenceComponents {
  network: Pick<Network, 'handle'>
  /** Ends soon when the signal does, with what is known by then. */
  answer: (question: EvidenceQuestion, peer: ConnectedPeer, options: { signal: AbortSignal }) => Promise<KnownEvidence>
  /** Milliseconds in which a question is answered, by default those of `limits.ts`. */
  timeoutMs?: number
}

/** Who asks. */
interface Asker {
  peer: ConnectedPeer
  meter: PeerMeter
}

const nothing: KnownEvidence = { statements: [], delegations: [] }

/** Answers what peers ask about evidence from now on: a few at a time, and one for each peer. */
export async function serveEvidence (
  { network, answer, timeoutMs = evidenceServeTimeoutMs }: ServeEvidenceComponents
): Promise<void> {
  const places = new KeyedSlots({ all: evidenceRequestsMax })
  const reply = async (opened: Stream, stream: MessageStream, { peer, meter }: Asker): Promise<EvidenceAnswer> => {
    const question = await receiveRequest(stream, decodeEvidenceRequest)
    if (question === undefined) {
      meter.fault()
      return { ...nothing, status: 'bad-request' }
    }
    if (!meter.admits() || places.waiting >= evidenceRequestsWaitingMax) return { ...nothing, status: 'busy', retryAfterMs: busyRetryMs }
    // What was not decided by then is left out: a function that decides for too long shows nothing but the time that it takes.
    const signal = AbortSignal.any([closedSignal(opened), AbortSignal.timeout(timeoutMs)])
    const known = await places.run(peer.peerId, async () => await answer(question, peer, { signal }), { signal })
    return { ...known, status: 'ok' }
  }
  await network.handle(evidenceProtocol, async (opened, peer, meter) => {
    const stream = new MessageStream(opened, evidenceRequestBound)
    await stream.send(encodeEvidenceAnswer(await reply(opened, stream, { peer, meter })))
    await opened.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
  })
}
