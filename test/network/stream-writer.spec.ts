import { Uint8ArrayList } from 'uint8arraylist'
import { describe, expect, it } from 'vitest'
import { PeerUnreachableError, TimedOutError } from '../../src/errors.ts'
import { dagProtocol } from '../../src/format/messages.ts'
import { sendBytesTarget, streamBufferBytesMax } from '../../src/limits.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { flush, send } from '../../src/network/stream-writer.ts'
import { startPeer, startRawServer } from '../transfer/support.ts'
import type { Stream } from '@libp2p/interface'

async function streamTo (handler: (stream: Stream) => Promise<void>): Promise<Stream> {
  const server = await startRawServer(101, handler)
  const client = await startPeer(102)
  return await client.openStream(await client.connect(server.dialled), dagProtocol)
}

/** Reads nothing: pauses before anything comes. */
async function never (stream: Stream): Promise<void> {
  stream.pause()
  await new Promise<void>((resolve) => { stream.addEventListener('close', () => { resolve() }) })
}

const piece = (): Uint8ArrayList => new Uint8ArrayList(new Uint8Array(1 << 20))

describe('send', () => {
  it('waits for a reader, again and again, and never lets more than little pile up', async () => {
    let received = 0
    const stream = await streamTo(async (far) => {
      // As of a stream of our own, on which much comes; on those of others only questions do.
      far.maxReadBufferLength = streamBufferBytesMax
      const reader = new StreamReader(far)
      for (let next = await reader.next(5000, () => new Error('late')); next !== undefined; next = await reader.next(5000, () => new Error('late'))) {
        received += next.length
      }
    })
    let most = 0
    for (let round = 0; round < 24; round++) {
      await send(stream, piece(), 5000)
      most = Math.max(most, stream.writeBufferLength)
    }
    await stream.close()
    await expect.poll(() => received, { timeout: 5000 }).toBe(24 << 20)
    expect(most).toBeLessThanOrEqual(sendBytesTarget)
  })

  it('gives up a reader that reads nothing', async () => {
    const stream = await streamTo(never)
    const sending = (async () => { for (;;) await send(stream, piece(), 50) })()
    await expect(sending).rejects.toThrow(TimedOutError)
    expect(stream.writeBufferLength).toBeLessThanOrEqual(1 << 20)
  })

  it('ends when the other side ends the stream', async () => {
    const far = Promise.withResolvers<Stream>()
    const stream = await streamTo(async (given) => {
      far.resolve(given)
      await never(given)
    })
    const sending = (async () => { for (;;) await send(stream, piece(), 5000) })()
    const ended = expect(sending).rejects.toThrow(PeerUnreachableError)
    const other = await far.promise
    other.abort(new Error('enough'))
    await ended
    await expect(send(stream, piece(), 5000)).rejects.toThrow(PeerUnreachableError)
  })
})

describe('flush', () => {
  it('waits until the reader has room for everything that was sent', async () => {
    const far = Promise.withResolvers<Stream>()
    const stream = await streamTo(async (given) => {
      far.resolve(given)
      await never(given)
    })
    await expect(send(stream, piece(), 50)).rejects.toThrow(TimedOutError)
    await expect(flush(stream, 50)).rejects.toThrow(TimedOutError)
    const flushing = flush(stream, 5000)
    const other = await far.promise
    other.addEventListener('message', () => {})
    other.resume()
    await flushing
    expect(stream.writeBufferLength).toBe(0)
    expect(stream.writableNeedsDrain).toBe(false)
  })
})
