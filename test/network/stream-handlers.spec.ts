import { streamPair } from '@libp2p/utils'
import { peerIdFromString } from '@libp2p/peer-id'
import { describe, expect, it, vi } from 'vitest'
import { ConnectedPeers } from '../../src/network/connected-peers.ts'
import { InvalidMessageError } from '../../src/errors.ts'
import { PeerConduct } from '../../src/network/peer-conduct.ts'
import { StreamHandlers } from '../../src/network/stream-handlers.ts'
import { identityOf, Lines } from './support.ts'
import type { Connection, Stream } from '@libp2p/interface'
import type { StreamHandlersInit } from '../../src/network/stream-handlers.ts'

const { address, peerId } = identityOf(1)
const connection = { remotePeer: peerIdFromString(peerId) } as Connection

const now = (): number => 0

function handlersWith (init: Partial<StreamHandlersInit> = {}): StreamHandlers {
  return new StreamHandlers({ peers: new ConnectedPeers(), conduct: new PeerConduct({ now }), log: () => {}, ...init })
}

async function newStream (): Promise<Stream> {
  return (await streamPair())[0]
}

describe('StreamHandlers', () => {
  it('tells the handler who opened the stream', async () => {
    const handler = vi.fn(async () => {})
    const stream = await newStream()
    await handlersWith().wrap('/x/1', handler, 2)(stream, connection)
    expect(handler).toHaveBeenCalledWith(stream, { address, peerId }, expect.anything())
    expect(stream.status).toBe('open')
  })

  it.each([
    ['rejects', async (): Promise<void> => { throw new Error('on purpose') }],
    ['throws', (): Promise<void> => { throw new Error('on purpose') }],
    ['rejects with something else than an error', (): Promise<void> => { throw 'on purpose' as unknown as Error }]
  ])('logs and resets when a handler %s', async (_, handler) => {
    const lines = new Lines()
    const stream = await newStream()
    await handlersWith({ log: lines.log }).wrap('/x/1', handler, 2)(stream, connection)
    expect(stream.status).toBe('aborted')
    expect(lines.all).toHaveLength(1)
    expect(lines.all[0]).toMatch(new RegExp(`/x/1.*${peerId}.*on purpose`))
  })

  it('resets what one peer opens beyond its streams, on whatever connection, and counts it', async () => {
    const conduct = new PeerConduct({ now, requestsPerSecond: 1 })
    const running = Promise.withResolvers<undefined>()
    const handle = handlersWith({ conduct }).wrap('/x/1', () => running.promise, 2)
    const another = { remotePeer: peerIdFromString(identityOf(2).peerId) } as Connection
    const runs = [handle(await newStream(), connection), handle(await newStream(), { ...connection })]
    for (let n = 0; n < 10; n++) {
      const stream = await newStream()
      await handle(stream, connection)
      expect(stream.status).toBe('aborted')
    }
    expect(conduct.meter(peerId).admits()).toBe(false)
    const stream = await newStream()
    runs.push(handle(stream, another))
    running.resolve(undefined)
    await Promise.all(runs)
    expect(stream.status).toBe('open')
    const next = await newStream()
    await handle(next, connection)
    expect(next.status).toBe('open')
  })

  it('counts a breach of the protocol, and no other failure', async () => {
    const meter = { admits: vi.fn(() => true), fault: vi.fn() }
    const handlers = handlersWith({ conduct: { meter: () => meter } })
    await handlers.wrap('/x/1', () => Promise.reject(new Error('on purpose')), 2)(await newStream(), connection)
    expect(meter.fault).not.toHaveBeenCalled()
    await handlers.wrap('/x/1', () => Promise.reject(new InvalidMessageError('garbage')), 2)(await newStream(), connection)
    expect(meter.fault).toHaveBeenCalledOnce()
  })

  it('waits for its handlers, and not for ever', async () => {
    const streams = [await newStream(), await newStream()] as const
    vi.useFakeTimers()
    try {
      const handlers = handlersWith()
      await handlers.settled()
      const running = Promise.withResolvers<undefined>()
      const run = handlers.wrap('/x/1', () => running.promise, 2)(streams[0], connection)
      const first = handlers.settled()
      running.resolve(undefined)
      await Promise.all([first, run])
      expect(vi.getTimerCount()).toBe(0)
      void handlers.wrap('/x/1', () => new Promise(() => {}), 2)(streams[1], connection)
      const second = handlers.settled()
      await vi.runAllTimersAsync()
      await second
    } finally {
      vi.useRealTimers()
    }
  })
})
