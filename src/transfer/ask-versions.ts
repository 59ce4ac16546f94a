import { DataNodeError, PeerUnreachableError, StoppedError, TimedOutError } from '../errors.ts'
import { datasetProtocol, decodeVersionsAnswer, encodeVersionQuery } from '../format/dataset-messages.ts'
import { datasetAnswerBytesMax, datasetAskTimeoutMs } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import { MessageStream } from './message-stream.ts'
import type { VersionQuery, VersionsAnswer } from '../interface/dataset-lookup.ts'
import type { ConnectedPeer, Network } from '../interface/network.ts'

/**
 * Asks a connected peer which versions of a dataset it has. What it says is unchecked.
 *
 * @throws {@link TimedOutError} when it does not answer in time
 * @throws {@link PeerUnreachableError} when the connection or the stream ends before the answer
 * @throws {@link RefusedError} when it does not know the question
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when the answer is malformed
 */
export async function askVersions (
  network: Pick<Network, 'openStream'>, peer: ConnectedPeer, query: VersionQuery, signal: AbortSignal
): Promise<VersionsAnswer> {
  const name = peer.address ?? peer.peerId
  const timedOut = (): Error => new TimedOutError(`${name} did not say within ${datasetAskTimeoutMs} ms which versions it has`)
  return await withDeadline(datasetAskTimeoutMs, signal, timedOut, async own => {
    const opened = await network.openStream(peer, datasetProtocol, { signal: own })
    const stream = new MessageStream(opened, { bytesMax: datasetAnswerBytesMax, limit: 'datasetAnswerBytesMax' })
    const onAbort = (): void => { stream.fail(own.reason) }
    own.addEventListener('abort', onAbort, { once: true })
    try {
      own.throwIfAborted()
      await stream.send(encodeVersionQuery(query))
      return decodeVersionsAnswer(await stream.receive(datasetAskTimeoutMs, timedOut))
    } catch (error) {
      own.throwIfAborted()
      if (error instanceof DataNodeError) throw error
      throw new PeerUnreachableError(`${name} broke off the stream of a question`, { peer: peer.peerId, cause: error })
    } finally {
      own.removeEventListener('abort', onAbort)
      opened.abort(new StoppedError('The stream is not needed any more'))
    }
  })
}
