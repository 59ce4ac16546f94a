import { StreamMessageEvent } from '@libp2p/interface'
import { describe, expect, it, vi } from 'vitest'
import { PeerUnreachableError, StoppedError } from '../../src/errors.ts'
import { idleStreamsPerPeerMax, outboundStreamsPerPeerMax, spareStreamsMs, spareStreamsPerPeer } from '../../src/limits.ts'
import { StreamPool } from '../../src/transfer/stream-pool.ts'
import type { Stream } from '@libp2p/interface'

/** A stream that does nothing but be open. */
class IdleStream extends EventTarget {
  status = 'open'
  readStatus = 'readable'
  remoteWriteStatus = 'writable'
  readBufferLength = 0
  readableEnded = false

  abort (): void {
    this.status = 'aborted'
  }
}

const peer = { address: undefined, peerId: 'peer' }
const { signal } = new AbortController()

function start (open: () => Promise<Stream> = async () => await Promise.resolve(new IdleStream() as unknown as Stream), show?: Uint8Array): {
  pool: StreamPool, opened: () => number, disconnect: (peerId: string) => void
} {
  let opened = 0
  let listener: (peerId: string) => void = () => {}
  const pool = new StreamPool({
    openStream: async () => {
      opened++
      return await open()
    },
    onDisconnect: (given) => { listener = given }
  }, { show })
  return { pool, opened: () => opened, disconnect: (peerId) => { listener(peerId) } }
}

describe('StreamPool', () => {
  it('gives a stream again that was given back', async () => {
    const { pool, opened } = start()
    const first = await pool.take(peer, signal)
    expect(first.reused).toBe(false)
    pool.give('peer', first)
    const second = await pool.take(peer, signal)
    expect(second).toMatchObject({ stream: first.stream, reused: true })
    expect(opened()).toBe(1)
  })

  it('says what to show with the first request of each stream, and with no other', async () => {
    const show = Uint8Array.of(1)
    const { pool } = start(undefined, show)
    const first = await pool.take(peer, signal)
    expect(first.show).toBe(show)
    pool.give('peer', first)
    expect((await pool.take(peer, signal)).show).toBeUndefined()
    await pool.prepare({ ...peer, peerId: 'other' })
    expect(await pool.take({ ...peer, peerId: 'other' }, signal)).toMatchObject({ reused: true, show })
    expect((await start().pool.take(peer, signal)).show).toBeUndefined()
  })

  it('opens a stream for another peer, and when a fresh one is asked for', async () => {
    const { pool, opened } = start()
    pool.give('peer', await pool.take(peer, signal))
    expect((await pool.take(peer, signal, { fresh: true })).reused).toBe(false)
    expect((await pool.take({ ...peer, peerId: 'other' }, signal)).reused).toBe(false)
    expect(opened()).toBe(3)
  })

  it('gives a stream that is being opened ahead as soon as it is open, to one who asks, and opens another for the next', async () => {
    const gates: PromiseWithResolvers<Stream>[] = []
    const { pool, opened } = start(async () => {
      const gate = Promise.withResolvers<Stream>()
      gates.push(gate)
      return await gate.promise
    })
    const preparing = pool.prepare(peer, { spare: 1 })
    const [first, second] = [pool.take(peer, signal), pool.take(peer, signal)]
    await vi.waitFor(() => { expect(opened()).toBe(2) })
    const streams = gates.map(() => new IdleStream() as unknown as Stream)
    gates.forEach((gate, at) => { gate.resolve(streams[at]!) })
    await preparing
    expect([(await first).stream, (await second).stream]).toEqual(streams)
  })

  it('opens a stream itself when the one that is opened ahead cannot be, and waits for none when it is aborted', async () => {
    const ahead = Promise.withResolvers<Stream>()
    let calls = 0
    const own = new IdleStream() as unknown as Stream
    const { pool, opened } = start(async () => calls++ === 0 ? await ahead.promise : own)
    const preparing = pool.prepare(peer, { spare: 1 })
    const controller = new AbortController()
    const aborted = pool.take(peer, controller.signal)
    const waiting = pool.take(peer, signal, { fresh: true })
    controller.abort(new Error('not wanted'))
    await expect(aborted).rejects.toThrow('not wanted')
    expect((await waiting).stream).toBe(own)
    const taking = pool.take(peer, signal)
    ahead.reject(new PeerUnreachableError('it is gone'))
    await preparing
    expect((await taking).stream).toBe(own)
    expect(opened()).toBe(3)
  })

  it('does not give a stream that was dropped, or that ended or received something while it was idle', async () => {
    const { pool, opened } = start()
    const dropped = await pool.take(peer, signal)
    pool.drop('peer', dropped, new Error('broken'))
    expect(dropped.stream.status).toBe('aborted')
    const ended = await pool.take(peer, signal)
    const noisy = await pool.take(peer, signal)
    pool.give('peer', ended)
    pool.give('peer', noisy)
    ended.stream.dispatchEvent(new Event('end'))
    noisy.stream.readBufferLength = 1
    expect((await pool.take(peer, signal)).reused).toBe(false)
    expect([ended.stream.status, noisy.stream.status]).toEqual(['aborted', 'aborted'])
    expect(opened()).toBe(4)
  })

  it('keeps all that were used at once for a while, and then the few that were used last', async () => {
    vi.useFakeTimers()
    try {
      const { pool, opened } = start()
      const takeAll = async (): Promise<Awaited<ReturnType<StreamPool['take']>>[]> =>
        await Promise.all(Array.from({ length: outboundStreamsPerPeerMax }, async () => await pool.take(peer, signal)))
      const streams = await takeAll()
      for (const stream of streams) pool.give('peer', stream)
      vi.advanceTimersByTime(spareStreamsMs - 1)
      for (const stream of await takeAll()) pool.give('peer', stream)
      expect(opened()).toBe(outboundStreamsPerPeerMax)
      vi.advanceTimersByTime(1)
      expect(streams.filter(({ stream }) => stream.status === 'open')).toHaveLength(idleStreamsPerPeerMax)
      vi.advanceTimersByTime(10 * spareStreamsMs)
      const again = await takeAll()
      expect(again.filter(({ reused }) => reused)).toHaveLength(idleStreamsPerPeerMax)
      for (const stream of again) pool.give('peer', stream)
      vi.advanceTimersByTime(spareStreamsMs)
      expect(again.filter(({ stream }) => stream.status === 'open')).toHaveLength(idleStreamsPerPeerMax)
    } finally {
      vi.useRealTimers()
    }
  })

  it('never has more than allowed, those included that are idle', async () => {
    const { pool, opened } = start()
    const streams = await Promise.all(Array.from({ length: outboundStreamsPerPeerMax }, async () => await pool.take(peer, signal)))
    for (const stream of streams) pool.give('peer', stream)
    const fresh = await pool.take(peer, signal, { fresh: true })
    expect([fresh.reused, opened()]).toEqual([false, outboundStreamsPerPeerMax + 1])
    expect(streams.filter(({ stream }) => stream.status === 'aborted')).toHaveLength(1)
  })

  it('opens a few streams ahead, once, and gives them out', async () => {
    const { pool, opened } = start()
    await Promise.all([pool.prepare(peer), pool.prepare(peer)])
    await pool.prepare(peer)
    expect(opened()).toBe(spareStreamsPerPeer)
    const taken = await Promise.all(Array.from({ length: spareStreamsPerPeer }, async () => await pool.take(peer, signal)))
    expect(taken.every(({ reused }) => reused)).toBe(true)
    expect(opened()).toBe(spareStreamsPerPeer)
    expect((await pool.take(peer, signal)).reused).toBe(false)
  })

  it('opens only as many as are said, beside those that are used', async () => {
    const { pool, opened } = start()
    await pool.take(peer, signal)
    await pool.prepare(peer, { spare: 1 })
    await pool.prepare(peer, { spare: 1 })
    expect(opened()).toBe(2)
  })

  it('opens no more ahead than may be used, and takes no failure of it for one', async () => {
    const { pool, opened } = start()
    await Promise.all(Array.from({ length: outboundStreamsPerPeerMax - 1 }, async () => await pool.take(peer, signal)))
    await pool.prepare(peer)
    expect(opened()).toBe(outboundStreamsPerPeerMax)
    const broken = start(() => Promise.reject(new PeerUnreachableError('gone')))
    await broken.pool.prepare(peer)
    await expect(broken.pool.take(peer, signal)).rejects.toThrow(PeerUnreachableError)
  })

  it('does not bother a peer again that opens none ahead, until it connects anew', async () => {
    const { pool, opened, disconnect } = start(() => Promise.reject(new PeerUnreachableError('no')))
    await pool.prepare(peer)
    await pool.prepare(peer)
    expect(opened()).toBe(spareStreamsPerPeer)
    disconnect('peer')
    await pool.prepare(peer)
    expect(opened()).toBe(2 * spareStreamsPerPeer)
  })

  it('ends a stream that was opened ahead when it is stopped meanwhile', async () => {
    const stream = new IdleStream()
    const { pool } = start(async () => {
      pool.stop()
      return await Promise.resolve(stream as unknown as Stream)
    })
    await pool.prepare(peer)
    expect(stream.status).toBe('aborted')
  })

  it('ends an idle stream as soon as something comes on it', async () => {
    const { pool, opened } = start()
    const idle = await pool.take(peer, signal)
    pool.give('peer', idle)
    idle.stream.dispatchEvent(new StreamMessageEvent(new Uint8Array(10)))
    expect(idle.stream.status).toBe('aborted')
    expect((await pool.take(peer, signal)).reused).toBe(false)
    expect(opened()).toBe(2)
  })

  it('ends idle streams when the peer disconnects, and when it is stopped', async () => {
    const { pool, disconnect } = start()
    const first = await pool.take(peer, signal)
    pool.give('peer', first)
    disconnect('other')
    expect(first.stream.status).toBe('open')
    disconnect('peer')
    expect(first.stream.status).toBe('aborted')
    const [second, third] = [await pool.take(peer, signal), await pool.take(peer, signal)]
    pool.give('peer', second)
    pool.stop()
    pool.give('peer', third)
    expect([second.stream.status, third.stream.status]).toEqual(['aborted', 'aborted'])
    await expect(pool.take(peer, signal)).rejects.toThrow(StoppedError)
  })

  it('lets as many be used as allowed, and hands a free place to the first that waits', async () => {
    const { pool, opened } = start()
    const used = await Promise.all(Array.from({ length: outboundStreamsPerPeerMax }, async () => await pool.take(peer, signal)))
    const order: number[] = []
    const waiting = [1, 2].map(async (n) => {
      const stream = await pool.take(peer, signal)
      order.push(n)
      return stream
    })
    await Promise.resolve()
    expect(opened()).toBe(outboundStreamsPerPeerMax)
    for (const stream of used.slice(0, 2)) pool.give('peer', stream)
    await Promise.all(waiting)
    expect(order).toEqual([1, 2])
    expect(opened()).toBe(outboundStreamsPerPeerMax)
  })

  it('lets go who waits and is aborted, and keeps no place for it', async () => {
    const { pool } = start()
    const used = await Promise.all(Array.from({ length: outboundStreamsPerPeerMax }, async () => await pool.take(peer, signal)))
    const controller = new AbortController()
    const aborted = pool.take(peer, controller.signal)
    const patient = pool.take(peer, signal)
    controller.abort('enough')
    await expect(aborted).rejects.toBe('enough')
    for (const stream of used) pool.drop('peer', stream, new Error('done'))
    pool.drop('peer', await patient, new Error('done'))
    const again = await Promise.all(Array.from({ length: outboundStreamsPerPeerMax }, async () => await pool.take(peer, signal)))
    expect(again).toHaveLength(outboundStreamsPerPeerMax)
  })

  it('keeps no place for a stream that could not be opened', async () => {
    const { pool } = start(() => Promise.reject(new PeerUnreachableError('gone')))
    for (let round = 0; round < outboundStreamsPerPeerMax + 1; round++) {
      await expect(pool.take(peer, signal)).rejects.toThrow(PeerUnreachableError)
    }
  })

  it('ends a stream that was opened for someone who has given up', async () => {
    const stream = new IdleStream()
    const controller = new AbortController()
    const { pool } = start(async () => {
      controller.abort('late')
      return await Promise.resolve(stream as unknown as Stream)
    })
    await expect(pool.take(peer, controller.signal)).rejects.toBe('late')
    expect(stream.status).toBe('aborted')
  })
})
