import { streamWindowBytesMax, windowUpdateBytesMax } from '../limits.ts'
import type { Stream } from '@libp2p/interface'

/** How streams whose window was announced send an update, whatever its size. */
const updates = new WeakMap<object, () => void>()

/**
 * Lets the other side send up to `bytes` before it hears of us again, from now on. It is told by an update of its own, because
 * a window that is only configured is not known to the sender, which would wait a round trip after the first 256 KiB.
 *
 * The muxer has no call for it, so this is the one place that touches private fields of its streams. Where they are not as
 * expected, nothing happens and the window grows by itself, some round trips later.
 *
 * @returns whether the window is now as said
 */
export function announceWindow (stream: Stream, bytes: number): boolean {
  const muxed: object = stream
  if (!isYamuxStream(muxed) || stream.status !== 'open') return false
  const window = Math.min(bytes, streamWindowBytesMax, stream.maxReadBufferLength)
  // A window that grows by itself would be of no known size.
  const isNew = muxed.recvWindow !== window
  muxed.maxStreamWindowSize = window
  muxed.recvWindow = window
  const update = updates.get(muxed) ?? sendFewerUpdates(muxed)
  if (isNew) update()
  else muxed.sendWindowUpdate()
  return true
}

/** Makes a stream give back what was used of its window when that is worth a message; by itself it does after every frame. */
function sendFewerUpdates (stream: YamuxStream): () => void {
  const update = stream.sendWindowUpdate.bind(stream)
  updates.set(stream, update)
  stream.sendWindowUpdate = () => {
    const { recvWindow, recvWindowCapacity } = stream
    if (recvWindow - recvWindowCapacity >= Math.min(recvWindow / 4, windowUpdateBytesMax)) update()
  }
  return update
}

/** What is used of a stream of `@chainsafe/libp2p-yamux`. */
interface YamuxStream {
  /** What the other side may send in all before the next update. */
  recvWindow: number
  /** What is left of it. */
  recvWindowCapacity: number
  maxStreamWindowSize: number
  /** Sends what is missing of `recvWindow`, if anything is. */
  sendWindowUpdate: () => void
}

function isYamuxStream (stream: object): stream is YamuxStream {
  const fields: Partial<Record<keyof YamuxStream, unknown>> = stream
  return typeof fields.recvWindow === 'number' && typeof fields.recvWindowCapacity === 'number' &&
    typeof fields.maxStreamWindowSize === 'number' && typeof fields.sendWindowUpdate === 'function'
}
