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
  await drainedBelow(stream, sendBytesTarget, stallTimeoutMs)
}

/**
 * Resolves when nothing of what was sent waits in this process any longer.
 *
 * @throws {@link TimedOutError} when the other side reads nothing for `stallTimeoutMs`
 * @throws {@link PeerUnreachableError} when the stream ends before
 */
export async function flush (stream: Stream, stallTimeoutMs: number): Promise<void> {
  await drainedBelow(stream, 0, stallTimeoutMs)
  while (stream.writableNeedsDrain) await drained(stream, stallTimeoutMs)
}

async function drainedBelow (stream: Stream, bytes: number, stallTimeoutMs: number): Promise<void> {
  while (stream.writeBufferLength > bytes) await drained(stream, stallTimeoutMs)
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
  if (stream.status !== 'open') throw streamEnded()
}

function streamEnded (): PeerUnreachableError {
  return new PeerUnreachableError('The stream was ended by the other side')
}
