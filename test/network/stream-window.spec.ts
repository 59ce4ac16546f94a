import { describe, expect, it } from 'vitest'
import { streamBufferBytesMax, streamWindowBytesMax } from '../../src/limits.ts'
import { announceWindow } from '../../src/network/stream-window.ts'
import { startPeer } from '../transfer/support.ts'
import type { Stream } from '@libp2p/interface'

const protocol = '/test/window'
const mib = 1 << 20

/** A stream to a peer that sends more than any window at once, and what of it has come. */
async function openTo (sentBytes: number): Promise<{ stream: Stream, received: () => number, ask: () => void }> {
  const server = await startPeer(101)
  await server.handle(protocol, async (far) => {
    far.addEventListener('message', () => {
      for (let sent = 0; sent < sentBytes; sent += mib) far.send(new Uint8Array(mib))
    }, { once: true })
    await new Promise<void>((resolve) => { far.addEventListener('close', () => { resolve() }) })
  })
  const client = await startPeer(102)
  const stream = await client.openStream(await client.connect(server.dialled), protocol)
  stream.addEventListener('message', () => {})
  stream.pause()
  return { stream, received: () => stream.readBufferLength, ask: () => { stream.send(Uint8Array.of(1)) } }
}

describe('announceWindow', () => {
  it.each([4, 32])('lets %i MiB come to a reader that says nothing more', async (size) => {
    const { stream, received, ask } = await openTo(40 * mib)
    stream.resume()
    expect(announceWindow(stream, size * mib)).toBe(true)
    stream.pause()
    ask()
    await expect.poll(received, { timeout: 10_000 }).toBe(size * mib)
    expect(stream.status).toBe('open')
  })

  it('announces no more than a paused stream may hold', async () => {
    const { stream } = await openTo(1)
    announceWindow(stream, 2 * streamWindowBytesMax)
    expect((stream as unknown as { recvWindow: number }).recvWindow).toBe(streamWindowBytesMax)
    expect(streamWindowBytesMax).toBeLessThan(streamBufferBytesMax)
    stream.maxReadBufferLength = 1000
    announceWindow(stream, 2000)
    expect((stream as unknown as { recvWindow: number }).recvWindow).toBe(1000)
  })

  it('gives back what was used of a window when that is a quarter of it, or a mebibyte', () => {
    for (const [window, worthwhile] of [[2 * mib, mib / 2], [16 * mib, mib]] as const) {
      let updates = 0
      const muxed = {
        status: 'open', maxReadBufferLength: 16 * mib, maxStreamWindowSize: 0, recvWindow: 0, recvWindowCapacity: 0,
        sendWindowUpdate: () => {
          updates++
          muxed.recvWindowCapacity = muxed.recvWindow
        }
      }
      const announce = (): void => { announceWindow(muxed as unknown as Stream, window) }
      announce()
      expect([updates, muxed.recvWindowCapacity]).toEqual([1, window])
      for (const [used, expected] of [[worthwhile - 1, 1], [1, 2], [worthwhile - 1, 2]] as const) {
        muxed.recvWindowCapacity -= used
        muxed.sendWindowUpdate()
        announce()
        expect(updates).toBe(expected)
      }
    }
  })

  it('finds the fields of the muxer that it needs, and does nothing where one is missing', async () => {
    const { stream } = await openTo(1)
    for (const field of ['recvWindow', 'recvWindowCapacity', 'maxStreamWindowSize', 'sendWindowUpdate']) {
      expect(field in stream).toBe(true)
      const other = Object.create(stream, { [field]: { value: undefined } }) as Stream
      expect(announceWindow(other, mib)).toBe(false)
    }
    stream.abort(new Error('done'))
    expect(announceWindow(stream, mib)).toBe(false)
  })
})
