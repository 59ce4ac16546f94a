import { TimedOutError } from '../errors.ts'
import { decodeWitnessAnswer, encodeWitnessRequest, witnessBound, witnessProtocol } from '../format/witness-messages.ts'
import { witnessTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import { exchange } from './exchange.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'
import type { WitnessAnswer, WitnessRequest } from '../interface/witness.ts'

/**
 * Says something to a witness and waits for its answer, a few seconds at most.
 *
 * @throws {@link TimedOutError} when it does not answer in time
 * @throws {@link RefusedError} when it is no witness at all
 * @throws {@link PeerUnreachableError} when the connection or the stream ends before the answer
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when the answer is malformed
 */
export async function askWitness (network: Pick<Network, 'openStream'>, peer: ConnectedPeer, request: WitnessRequest, {
  signal, timeoutMs = witnessTimeoutMs
}: { signal: AbortSignal, timeoutMs?: number }): Promise<WitnessAnswer> {
  const name = peer.address ?? peer.peerId
  const timedOut = (): Error => new TimedOutError(`The witness ${name} did not answer within ${timeoutMs} ms`, { peer: peer.peerId })
  return await withDeadline(timeoutMs, signal, timedOut, async own => decodeWitnessAnswer(await exchange(network, peer, {
    protocol: witnessProtocol, message: encodeWitnessRequest(request), bound: witnessBound, signal: own
  })))
}
