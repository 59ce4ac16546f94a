import { InvalidMessageError, TimedOutError } from '../errors.ts'
import { BitswapDecoder } from '../format/bitswap-decoder.ts'
import { bitswapTimeoutMs, idleStreamTimeoutMs } from '../limits.ts'
import type { Stream, StreamMessageEvent } from '@libp2p/interface'
import type { BitswapPart } from '../format/bitswap-decoder.ts'

/** Who takes what comes. What it throws ends the stream. */
export interface BitswapSink {
  /** Whether a block of so many bytes, which begins to come, is to be kept. */
  keeps: (bytes: number) => boolean
  take: (part: BitswapPart) => void
}

/**
 * Takes the messages of one stream, part by part as they come: nothing waits, so there is nothing to be bounded but what the sink
 * keeps. Resolves when the other side has ended the stream.
 *
 * @throws {@link InvalidMessageError}, {@link LimitExceededError} when it sends what is no message
 * @throws {@link TimedOutError} when a message does not go on, or no further one begins for long
 */
export async function readBitswap (stream: Stream, { keeps, take }: BitswapSink): Promise<void> {
  const decoder = new BitswapDecoder(keeps)
  const ended = Promise.withResolvers<undefined>()
  const onTime = (): void => { ended.reject(new TimedOutError('A bitswap message did not go on')) }
  let timer = setTimeout(onTime, idleStreamTimeoutMs)
  const onMessage = ({ data }: StreamMessageEvent): void => {
    try {
      for (const piece of data instanceof Uint8Array ? [data] : data) {
        for (const part of decoder.read(piece)) take(part)
      }
    } catch (error) {
      ended.reject(error)
    }
    clearTimeout(timer)
    timer = setTimeout(onTime, decoder.atStart ? idleStreamTimeoutMs : bitswapTimeoutMs)
  }
  const onEnd = (): void => {
    if (decoder.atStart) ended.resolve(undefined)
    else ended.reject(new InvalidMessageError('A bitswap stream ended within a message'))
  }
  stream.addEventListener('message', onMessage)
  stream.addEventListener('end', onEnd)
  stream.addEventListener('close', onEnd)
  if (stream.readableEnded || stream.status !== 'open') onEnd()
  try {
    await ended.promise
  } finally {
    clearTimeout(timer)
    stream.removeEventListener('message', onMessage)
    stream.removeEventListener('end', onEnd)
    stream.removeEventListener('close', onEnd)
  }
}
