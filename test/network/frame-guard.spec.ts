import { yamux } from '@chainsafe/libp2p-yamux'
import { streamPair } from '@libp2p/utils'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InvalidMessageError } from '../../src/errors.ts'
import { frameBytesMax } from '../../src/limits.ts'
import { guardFrames } from '../../src/network/frame-guard.ts'
import type { MessageStream, StreamMuxer } from '@libp2p/interface'

function frame (type: number, length: number, data = new Uint8Array()): Uint8Array {
  const bytes = new Uint8Array(12 + data.byteLength)
  const view = new DataView(bytes.buffer)
  view.setUint8(1, type)
  view.setUint32(4, 1)
  view.setUint32(8, length)
  bytes.set(data, 12)
  return bytes
}

/** A muxer on one end of a pair, and the raw other end. */
async function guarded (): Promise<{ raw: MessageStream, muxer: StreamMuxer, guardedEnd: MessageStream }> {
  const [raw, guardedEnd] = await streamPair()
  const muxer = guardFrames(yamux({ enableKeepAlive: false }))().createStreamMuxer(guardedEnd)
  return { raw, muxer, guardedEnd }
}

function closed (stream: MessageStream): Promise<Error | undefined> {
  return new Promise((resolve) => { stream.addEventListener('close', ({ error }) => { resolve(error) }) })
}

describe('guardFrames', () => {
  it('ends a connection whose peer announces a frame above the limit', async () => {
    const { raw, guardedEnd } = await guarded()
    const end = closed(guardedEnd)
    raw.send(frame(0, frameBytesMax + 1))
    expect(await end).toBeInstanceOf(InvalidMessageError)
  })

  it('finds it behind other frames, however they are cut', async () => {
    await fc.assert(fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 20 }), async (cuts) => {
      const { raw, guardedEnd } = await guarded()
      const end = closed(guardedEnd)
      const bytes = Buffer.concat([
        frame(1, 0xffffffff), frame(0, 30, new Uint8Array(30).fill(0xff)), frame(1, 0), frame(0, 0xffffffff)
      ])
      let offset = 0
      for (let i = 0; offset < bytes.byteLength && raw.status === 'open'; i++) {
        const length = cuts[i % cuts.length] ?? 1
        raw.send(bytes.subarray(offset, offset + length))
        offset += length
      }
      expect(String(await end)).toContain('4294967295')
    }), { numRuns: 20 })
  })

  it('takes a frame at the limit, and gathers it', async () => {
    const { raw, muxer, guardedEnd } = await guarded()
    const seen = new Promise((resolve) => { guardedEnd.addEventListener('message', resolve) })
    raw.send(frame(0, frameBytesMax))
    await seen
    expect([guardedEnd.status, muxer.status]).toEqual(['open', 'open'])
  })
})
