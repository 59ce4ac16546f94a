import { afterEach, describe, expect, it, vi } from 'vitest'
import { PeerUnreachableError, RefusedError, TimedOutError } from '../../src/errors.ts'
import { encodeBitswapMessage } from '../../src/format/bitswap-message.ts'
import { bitswapStreamIdleMs, bitswapYieldMs, sendBytesTarget, sendStallTimeoutMs } from '../../src/limits.ts'
import { BitswapStream } from '../../src/network/bitswap-stream.ts'
import { leaf } from '../format/dags.ts'
import { pendingTimers } from '../support/pending-timers.ts'
import { FakeStream } from './fake-stream.ts'

const { cid, bytes } = leaf(new Uint8Array(1 << 20))
const block = encodeBitswapMessage({ blocks: [{ cid, bytes }] })
const small = encodeBitswapMessage({ presences: [{ cid, has: true }] })
const running = new AbortController().signal

/** Opens these streams one after the other. */
function openerOf (...streams: FakeStream[]): { opened: number, open: () => Promise<FakeStream['asStream']> } {
  const opener = {
    opened: 0,
    open: async () => {
      const stream = streams[opener.opened++]
      if (stream === undefined) throw new RefusedError('no stream')
      return await Promise.resolve(stream.asStream)
    }
  }
  return opener
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('BitswapStream', () => {
  it('sends messages on one stream, and ends it when there are none for a while', async () => {
    vi.useFakeTimers()
    const pending = pendingTimers(bitswapStreamIdleMs, sendStallTimeoutMs)
    const stream = new FakeStream()
    const opener = openerOf(stream)
    const out = new BitswapStream({ open: opener.open, signal: running })
    for (let i = 0; i < 3; i++) {
      await out.send(small)
      await vi.advanceTimersByTimeAsync(bitswapStreamIdleMs - 1)
    }
    expect(opener.opened).toBe(1)
    expect(stream.parts).toHaveLength(3)
    expect(out.isOpen).toBe(true)
    await vi.advanceTimersByTimeAsync(1)
    expect(out.isOpen).toBe(false)
    expect(stream.writeStatus).toBe('closed')
    expect(pending()).toBe(0)
  })

  it('sends a large message in pieces, so that its reader sees it come', async () => {
    const stream = new FakeStream()
    const out = new BitswapStream({ open: openerOf(stream).open, signal: running })
    await out.send(block)
    expect(Math.max(...stream.sends)).toBe(sendBytesTarget)
    expect(stream.parts.map(part => part.type === 'block' && Buffer.compare(part.bytes, bytes))).toEqual([0])
    out.close()
  })

  it('resolves when nothing of the message is held any more', async () => {
    const stream = new FakeStream({ reads: false })
    const out = new BitswapStream({ open: openerOf(stream).open, signal: running })
    let isSent = false
    const sending = out.send(block).then(() => { isSent = true })
    while (stream.sends.length < 4) {
      await vi.waitFor(() => { expect(stream.writeBufferLength).toBeGreaterThan(sendBytesTarget - 1) })
      stream.read(sendBytesTarget)
    }
    await vi.waitFor(() => { expect(stream.sends).toHaveLength(5) })
    stream.read(stream.writeBufferLength - 1)
    await new Promise(resolve => { setImmediate(resolve) })
    expect(isSent).toBe(false)
    stream.read()
    await sending
    out.close()
  })

  it('gives up a peer that reads nothing, and not one that reads slowly', async () => {
    vi.useFakeTimers()
    const pending = pendingTimers(bitswapStreamIdleMs, sendStallTimeoutMs)
    const stream = new FakeStream({ reads: false })
    const out = new BitswapStream({ open: openerOf(stream).open, signal: running })
    const sending = expect(out.send(block)).rejects.toThrow(TimedOutError)
    for (let left = 5; left > 0; left--) {
      await vi.advanceTimersByTimeAsync(sendStallTimeoutMs - 1)
      stream.read(1000)
    }
    expect(stream.status).toBe('open')
    await vi.advanceTimersByTimeAsync(sendStallTimeoutMs)
    await sending
    expect(stream.status).toBe('aborted')
    expect(pending()).toBe(0)
  })

  it('gives up a peer that reads nothing for as long as the host says', async () => {
    vi.useFakeTimers()
    const stream = new FakeStream({ reads: false })
    const out = new BitswapStream({ open: openerOf(stream).open, signal: running, stallMs: 50 })
    const sending = expect(out.send(block)).rejects.toThrow(TimedOutError)
    await vi.advanceTimersByTimeAsync(49)
    expect(stream.status).toBe('open')
    await vi.advanceTimersByTimeAsync(1)
    await sending
    expect(stream.status).toBe('aborted')
  })

  it('gives up a peer that reads nothing sooner when others wait for its place, and not one that reads slowly', async () => {
    vi.useFakeTimers()
    const stream = new FakeStream({ reads: false })
    let isAwaited = false
    const out = new BitswapStream({ open: openerOf(stream).open, signal: running, isAwaited: () => isAwaited })
    const sending = expect(out.send(block)).rejects.toThrow(PeerUnreachableError)
    await vi.advanceTimersByTimeAsync(3 * bitswapYieldMs)
    isAwaited = true
    for (let left = 3; left > 0; left--) {
      stream.read(1000)
      await vi.advanceTimersByTimeAsync(bitswapYieldMs)
    }
    expect(stream.status).toBe('open')
    await vi.advanceTimersByTimeAsync(bitswapYieldMs)
    await sending
    expect(stream.status).toBe('aborted')
  })

  it('replaces a stream that the other side has ended, also one that ends while the message is sent, once', async () => {
    const [first, second, third] = [new FakeStream(), new FakeStream({ reads: false }), new FakeStream({ reads: false })]
    const opener = openerOf(first, second, third)
    const out = new BitswapStream({ open: opener.open, signal: running })
    await out.send(small)
    first.abort()
    const sending = out.send(block)
    await vi.waitFor(() => { expect(second.sends).toHaveLength(2) })
    second.abort()
    await expect(sending).rejects.toThrow(PeerUnreachableError)
    expect(opener.opened).toBe(2)
    const reused = new FakeStream()
    const again = openerOf(reused, new FakeStream())
    const other = new BitswapStream({ open: again.open, signal: running })
    await other.send(small)
    reused.send = () => { throw new Error('reset') }
    await other.send(small)
    expect(again.opened).toBe(2)
    other.close()
  })

  it('rejects as the stream cannot be opened, and ends it at once when it is told to', async () => {
    const stream = new FakeStream({ reads: false })
    const opener = openerOf(stream)
    const out = new BitswapStream({ open: opener.open, signal: running })
    const sending = out.send(block)
    await vi.waitFor(() => { expect(stream.sends).toHaveLength(2) })
    out.abort(new Error('enough'))
    await expect(sending).rejects.toThrow(PeerUnreachableError)
    await expect(out.send(small)).rejects.toThrow(RefusedError)
  })
})
