import { DataNodeError, PeerUnreachableError, StoppedError, TimedOutError } from '../errors.ts'
import { timerMsMax } from '../limits.ts'
import { MessageStream } from './message-stream.ts'
import type { MessageBound } from '../format/delimited-reader.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'

/** What is said, and how. */
export interface ExchangeInit {
  protocol: string
  /** With its length in front. */
  message: Uint8Array
  /** Of the answer. */
  bound: MessageBound
  /** Bounds how long it takes. Aborting it resets the stream. */
  signal: AbortSignal
}

/**
 * Says one thing to a peer, on a stream of its own, and waits for the answer.
 *
 * @returns the answer without its length
 * @throws {@link RefusedError} when the peer does not speak the protocol
 * @throws {@link PeerUnreachableError} when the connection or the stream ends before the answer
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when the answer is malformed
 */
export async function exchange (
  network: Pick<Network, 'openStream'>, peer: ConnectedPeer, { protocol, message, bound, signal }: ExchangeInit
): Promise<Uint8Array> {
  const opened = await network.openStream(peer, protocol, { signal })
  const stream = new MessageStream(opened, bound)
  const onAbort = (): void => { stream.fail(signal.reason) }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    signal.throwIfAborted()
    await stream.send(message)
    return await stream.receive(timerMsMax, () => new TimedOutError('No answer came'))
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof DataNodeError) throw error
    throw new PeerUnreachableError(`${peer.address ?? peer.peerId} broke off a stream of ${protocol}`, { peer: peer.peerId, cause: error })
  } finally {
    signal.removeEventListener('abort', onAbort)
    opened.abort(new StoppedError('The stream is not needed any more'))
  }
}
