import { PeerUnreachableError, TimedOutError } from '../errors.ts'
import { sendBytesTarget } from '../limits.ts'
import type { Stream } from '@libp2p/interface'
import type { Uint8ArrayList } from 'uint8arraylist'

/**
 * Sends, and resolves when there is room for more: when little of it waits in this process any longer.
 *
 * The stream's own `onDrain()` is not used: once there was a drain it resolves at once for ever.
 *
 * @throws {@link TimedOutError} when the other side reads nothing for `stallTimeoutMs`
 * @throws {@link PeerUnreachableError} when the stream ends before
 */
export async function send (stream: Stream, data: Uint8ArrayList, stallTimeoutMs: number): Promise<void> {
  if (stream.writeStatus !== 'writable') throw streamEnded()
  stream.send(data)
  while (stream.writeBufferLength > sendBytesTarget) {
    await drained(stream, stallTimeoutMs)
    if (stream.status !== 'open') throw streamEnded()
  }
}

async function drained (stream: Stream, timeoutMs: number): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<undefined>()
  const wake = (): void => { resolve(undefined) }
  const timer = setTimeout(() => {
    reject(new TimedOutError(`Nothing was read for ${timeoutMs} ms of what was sent`, { timeoutMs }))
  }, timeoutMs)
  stream.addEventListener('drain', wake)
  stream.addEventListener('close', wake)
  try {
    await promise
  } finally {
    clearTimeout(timer)
    stream.removeEventListener('drain', wake)
    stream.removeEventListener('close', wake)
  }
}

function streamEnded (): PeerUnreachableError {
  return new PeerUnreachableError('The stream was ended by the other side')
}
