import { InvalidMessageError, LimitExceededError, TimedOutError } from '../errors.ts'
import { datasetProtocol, decodeVersionQuery, encodeVersionsAnswer } from '../format/dataset-messages.ts'
import { datasetQueryBytesMax, requestTimeoutMs } from '../limits.ts'
import { MessageStream } from './message-stream.ts'
import type { VersionAnswer, VersionQuery, VersionsAnswer } from '../interface/dataset-lookup.ts'
import type { ConnectedPeer, Network, PeerMeter } from '../interface/network.ts'

/** What answering needs. */
export interface AnswerVersionsComponents {
  network: Pick<Network, 'handle'>
  /** The versions that this peer may know of, the newest first. */
  lookUp: (query: VersionQuery, peer: ConnectedPeer) => Promise<readonly VersionAnswer[]>
}

/** Says from now on which versions of a dataset this node has. */
export async function answerVersions ({ network, lookUp }: AnswerVersionsComponents): Promise<void> {
  await network.handle(datasetProtocol, async (opened, peer, meter) => {
    const stream = new MessageStream(opened, { bytesMax: datasetQueryBytesMax, limit: 'datasetQueryBytesMax' })
    const query = await receive(stream)
    await stream.send(encodeVersionsAnswer(await answerTo(query, peer, { meter, lookUp })))
    await opened.close({ signal: AbortSignal.timeout(requestTimeoutMs) })
  })
}

async function answerTo (
  query: VersionQuery | undefined, peer: ConnectedPeer, { meter, lookUp }: Pick<AnswerVersionsComponents, 'lookUp'> & { meter: PeerMeter }
): Promise<VersionsAnswer> {
  if (query === undefined) {
    meter.fault()
    return { status: 'bad-request', versions: [] }
  }
  if (!meter.admits()) return { status: 'busy', versions: [] }
  return { status: 'ok', versions: await lookUp(query, peer) }
}

async function receive (stream: MessageStream): Promise<VersionQuery | undefined> {
  try {
    return decodeVersionQuery(await stream.receive(requestTimeoutMs, () => new TimedOutError('No query came in time')))
  } catch (error) {
    if (error instanceof InvalidMessageError || error instanceof LimitExceededError) return undefined
    throw error
  }
}
