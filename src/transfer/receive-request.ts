import { InvalidMessageError, LimitExceededError, TimedOutError } from '../errors.ts'
import { requestTimeoutMs } from '../limits.ts'
import type { MessageStream } from './message-stream.ts'

/**
 * The request of whoever opened a stream; undefined when it is malformed or too large.
 *
 * @throws {@link TimedOutError} when none comes in time, {@link PeerUnreachableError} when the stream ends before
 */
export async function receiveRequest<T> (stream: Pick<MessageStream, 'receive'>, decode: (message: Uint8Array) => T): Promise<T | undefined> {
  try {
    return decode(await stream.receive(requestTimeoutMs, () => new TimedOutError('Nothing was said in time')))
  } catch (error) {
    if (error instanceof InvalidMessageError || error instanceof LimitExceededError) return undefined
    throw error
  }
}
