import { streamPair } from '@libp2p/utils'
import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { ConnectedPeers } from '../../src/network/connected-peers.ts'
import { StreamHandlers } from '../../src/network/stream-handlers.ts'
import { identityOf, Lines } from './support.ts'
import type { Connection, Stream } from '@libp2p/interface'

const { address, peerId } = identityOf(1)
const connection = { remotePeer: peerIdFromString(peerId) } as Connection

async function newStream (): Promise<Stream> {
  return (await streamPair())[0]
}

describe('StreamHandlers', () => {
  it('tells the handler who opened the stream', async () => {
    const handler = vi.fn(async () => {})
    const stream = await newStream()
    await new StreamHandlers({ peers: new ConnectedPeers(), log: () => {} }).wrap('/x/1', handler)(stream, connection)
    expect(handler).toHaveBeenCalledWith(stream, { address, peerId })
    expect(stream.status).toBe('open')
  })

  it.each([
    ['rejects', async (): Promise<void> => { throw new Error('on purpose') }],
    ['throws', (): Promise<void> => { throw new Error('on purpose') }],
    ['rejects with something else than an error', (): Promise<void> => { throw 'on purpose' as unknown as Error }]
  ])('logs and resets when a handler %s', async (_, handler) => {
    const lines = new Lines()
    const stream = await newStream()
    await new StreamHandlers({ peers: new ConnectedPeers(), log: lines.log }).wrap('/x/1', handler)(stream, connection)
    expect(stream.status).toBe('aborted')
    expect(lines.all).toHaveLength(1)
    expect(lines.all[0]).toMatch(new RegExp(`/x/1.*${peerId}.*on purpose`))
  })

  it('waits for its handlers, and not for ever', async () => {
    const streams = [await newStream(), await newStream()] as const
    vi.useFakeTimers()
    try {
      const handlers = new StreamHandlers({ peers: new ConnectedPeers(), log: () => {} })
      await handlers.settled()
      const running = Promise.withResolvers<undefined>()
      const run = handlers.wrap('/x/1', () => running.promise)(streams[0], connection)
      const first = handlers.settled()
      running.resolve(undefined)
      await Promise.all([first, run])
      expect(vi.getTimerCount()).toBe(0)
      void handlers.wrap('/x/1', () => new Promise(() => {}))(streams[1], connection)
      const second = handlers.settled()
      await vi.runAllTimersAsync()
      await second
    } finally {
      vi.useRealTimers()
    }
  })
})
