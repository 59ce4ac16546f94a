import { TimedOutError } from '../errors.ts'
import { KeyedSlots } from '../format/slots.ts'
import { decodeWitnessRequest, encodeWitnessAnswer, witnessBound, witnessProtocol } from '../format/witness-messages.ts'
import {
  busyRetryMs, requestTimeoutMs, showLogTimeoutMs, witnessRequestsMax, witnessRequestsWaitingMax, witnessTimeoutMs
} from '../limits.ts'
import { withDeadline } from './deadline.ts'
import { closedSignal, MessageStream } from './message-stream.ts'
import { receiveRequest } from './receive-request.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../interface/network.ts'
import type { WitnessAnswer, WitnessRequest } from '../interface/witness.ts'

/** What a witness says, but for the time. */
export type WitnessReply = Omit<WitnessAnswer, 'time'>

/** What being a witness needs. */
export interface ServeWitnessComponents {
  network: Pick<Network, 'handle'>
  /** Milliseconds since 1970. */
  clock: () => number
  /** What this node has seen, and takes to remember. A `forbidden` or a `bad-request` of it counts against the peer. */
  answer: (request: WitnessRequest, peer: ConnectedPeer, options: { signal: AbortSignal }) => Promise<WitnessReply>
}

/**
 * Answers what peers say to a witness from now on: a few at a time, and one for each peer. Showing this node's own log takes
 * longer, and keeps nobody else waiting.
 */
export async function serveWitness ({ network, clock, answer }: ServeWitnessComponents): Promise<void> {
  const others = { places: new KeyedSlots({ all: witnessRequestsMax }), timeoutMs: witnessTimeoutMs }
  const own = { places: new KeyedSlots({ all: witnessRequestsMax }), timeoutMs: showLogTimeoutMs }
  await network.handle(witnessProtocol, async (opened, peer, meter) => {
    const stream = new MessageStream(opened, witnessBound)
    const reply = await replyTo(stream, meter, async request => {
      const { places, timeoutMs } = request.op === 'ask' && request.origin === undefined ? own : others
      if (places.waiting >= witnessRequestsWaitingMax) return { status: 'busy', retryAfterMs: busyRetryMs }
      const timedOut = (): Error => new TimedOutError(`It was not answered within ${timeoutMs} ms`)
      return await withDeadline(timeoutMs, closedSignal(opened), timedOut, async signal =>
        await places.run(peer.peerId, async () => await answer(request, peer, { signal }), { signal }))
    })
    await stream.send(encodeWitnessAnswer({ ...reply, time: clock() }))
    await opened.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
  })
}

async function replyTo (
  stream: MessageStream, meter: PeerMeter, answer: (request: WitnessRequest) => Promise<WitnessReply>
): Promise<WitnessReply> {
  const request = await receiveRequest(stream, decodeWitnessRequest)
  if (request !== undefined && !meter.admits()) return { status: 'busy', retryAfterMs: busyRetryMs }
  const reply: WitnessReply = request === undefined ? { status: 'bad-request' } : await answer(request)
  if (reply.status === 'bad-request' || reply.status === 'forbidden') meter.fault()
  return reply
}
