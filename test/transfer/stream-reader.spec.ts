import { StreamMessageEvent } from '@libp2p/interface'
import { describe, expect, it } from 'vitest'
import { receiveQueueBytesMax, streamBufferBytesMax, turnMsMax } from '../../src/limits.ts'
import { dagProtocol } from '../../src/format/messages.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { noise } from '../format/dags.ts'
import { startPeer, startRawServer } from './support.ts'
import type { Stream } from '@libp2p/interface'

const late = (): Error => new Error('late')

/** Both ends of one stream. */
async function streams (): Promise<{ near: Stream, far: Stream }> {
  const arrived = Promise.withResolvers<Stream>()
  const server = await startRawServer(101, async (stream) => {
    arrived.resolve(stream)
    await new Promise<void>((resolve) => { stream.addEventListener('close', () => { resolve() }) })
  })
  const client = await startPeer(102)
  const near = await client.openStream(await client.connect(server.dialled), dagProtocol)
  return { near, far: await arrived.promise }
}

async function readAll (reader: StreamReader, bytes: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  for (let read = 0; read < bytes;) {
    const piece = await reader.next(5000, late)
    if (piece === undefined) break
    pieces.push(piece)
    read += piece.length
  }
  return Buffer.concat(pieces)
}

describe('StreamReader', () => {
  it('gives what was sent, and then the end', async () => {
    const { near, far } = await streams()
    const reader = new StreamReader(near)
    const sent = noise(300_000, 1)
    far.send(sent)
    void far.close()
    expect(Buffer.compare(await readAll(reader, sent.length), sent)).toBe(0)
    expect(await reader.next(5000, late)).toBeUndefined()
    expect(await reader.next(5000, late)).toBeUndefined()
  })

  it('holds little of what is not asked for, loses none of it, and does not die of it', async () => {
    const { near, far } = await streams()
    near.maxReadBufferLength = streamBufferBytesMax
    const reader = new StreamReader(near)
    const sent = noise(receiveQueueBytesMax * 6, 1)
    far.send(sent)
    const paused = (): boolean => near.readStatus === 'paused'
    await expect.poll(paused, { timeout: 5000 }).toBe(true)
    await expect.poll(() => near.readBufferLength > 0, { timeout: 5000 }).toBe(true)
    expect(near.status).toBe('open')
    expect(Buffer.compare(await readAll(reader, sent.length), sent)).toBe(0)
    expect(near.readStatus).toBe('readable')
  })

  it('lets others have their turn when it takes long to look at what had come at once', async () => {
    const stream = Object.assign(new EventTarget(), { status: 'open', readStatus: 'readable', readBufferLength: 0 }) as unknown as Stream
    const reader = new StreamReader(stream)
    for (let n = 0; n < 64; n++) stream.dispatchEvent(new StreamMessageEvent(new Uint8Array(10)))
    let turns = 0
    let isReading = true
    const count = (): void => {
      turns++
      if (isReading) setImmediate(count)
    }
    setImmediate(count)
    for (let n = 0; n < 64; n++) {
      expect(await reader.next(5000, late)).toHaveLength(10)
      if (n % 8 === 7) for (const until = performance.now() + turnMsMax; performance.now() < until;);
    }
    isReading = false
    expect(turns).toBeGreaterThanOrEqual(64 / 8 - 1)
  })

  it('pauses again only after resuming has announced a window, when what had come fills it at once', async () => {
    const piece = new Uint8Array(receiveQueueBytesMax)
    const done: string[] = []
    const stream = Object.assign(new EventTarget(), {
      status: 'open',
      readStatus: 'readable',
      pause: () => {
        done.push('pause')
        stream.readStatus = 'paused'
      },
      resume: () => {
        stream.readStatus = 'readable'
        stream.dispatchEvent(new StreamMessageEvent(piece))
        done.push('window')
      }
    })
    const reader = new StreamReader(stream as unknown as Stream)
    stream.dispatchEvent(new StreamMessageEvent(piece))
    expect((await reader.next(5000, late))?.buffer).toBe(piece.buffer)
    expect(done).toEqual(['pause', 'window', 'pause'])
  })

  it('resets the stream when nothing comes in time', async () => {
    const { near } = await streams()
    const reader = new StreamReader(near)
    await expect(reader.next(5, late)).rejects.toThrow('late')
    expect(near.status).toBe('aborted')
    await expect(reader.next(5, late)).rejects.toThrow('late')
  })

  it('rejects with any reason that it is failed with, and forgets what came', async () => {
    const { near, far } = await streams()
    const reader = new StreamReader(near)
    far.send(Uint8Array.of(1, 2, 3))
    await expect.poll(() => reader.isQuiet, { timeout: 5000 }).toBe(false)
    reader.fail('a string')
    await expect(reader.next(5, late)).rejects.toBe('a string')
  })

  it('rejects at once when it is failed while it waits', async () => {
    const { near } = await streams()
    const reader = new StreamReader(near)
    const next = reader.next(5000, late)
    reader.fail('now')
    await expect(next).rejects.toBe('now')
  })

  it('gives what came before a reset, and then rejects', async () => {
    const { near, far } = await streams()
    const reader = new StreamReader(near)
    far.send(Uint8Array.of(1, 2, 3))
    await expect.poll(() => reader.isQuiet, { timeout: 5000 }).toBe(false)
    far.abort(new Error('reset'))
    await expect.poll(() => near.status, { timeout: 5000 }).toBe('reset')
    expect(await reader.next(5000, late)).toEqual(Uint8Array.of(1, 2, 3))
    await expect(reader.next(5000, late)).rejects.toThrow()
  })

  it('is quiet while nothing has come and the other side may still send', async () => {
    const { near, far } = await streams()
    const reader = new StreamReader(near)
    expect(reader.isQuiet).toBe(true)
    void far.close()
    await expect.poll(() => reader.isQuiet, { timeout: 5000 }).toBe(false)
    expect(new StreamReader(near).isQuiet).toBe(false)
  })
})
