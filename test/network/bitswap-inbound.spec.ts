import { afterEach, describe, expect, it, vi } from 'vitest'
import { InvalidMessageError, LimitExceededError, TimedOutError } from '../../src/errors.ts'
import { encodeBitswapMessage } from '../../src/format/bitswap-message.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import { bitswapMessageBytesMax, bitswapTimeoutMs, idleStreamTimeoutMs } from '../../src/limits.ts'
import { readBitswap } from '../../src/network/bitswap-inbound.ts'
import { leaf } from '../format/dags.ts'
import { pendingTimers } from '../support/pending-timers.ts'
import type { Stream } from '@libp2p/interface'
import type { BitswapPart } from '../../src/format/bitswap-decoder.ts'

const { cid, bytes } = leaf('block')
const message = concat(encodeBitswapMessage({ presences: [{ cid, has: true }], blocks: [{ cid, bytes }] }))

/** A stream on which the test says what comes. */
class Inbound extends EventTarget {
  status = 'open'
  readableEnded = false

  come (data: Uint8Array): void {
    this.dispatchEvent(Object.assign(new Event('message'), { data }))
  }

  end (): void {
    this.dispatchEvent(new Event('end'))
  }
}

function read (stream: Inbound): { parts: BitswapPart[], reading: Promise<void> } {
  const parts: BitswapPart[] = []
  const reading = readBitswap(stream as unknown as Stream, { keeps: () => true, take: (part) => { parts.push(part) } })
  reading.catch(() => {})
  return { parts, reading }
}

afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

describe('readBitswap', () => {
  it('takes the messages of a stream until it ends', async () => {
    const stream = new Inbound()
    const { parts, reading } = read(stream)
    stream.come(message)
    stream.come(message.subarray(0, 9))
    stream.come(message.subarray(9))
    stream.end()
    await reading
    expect(parts.filter(({ type }) => type !== 'data').map(({ type }) => type)).toEqual(['block', 'presence', 'block', 'presence'])
  })

  it('rejects when the stream ends within a message', async () => {
    const stream = new Inbound()
    const { reading } = read(stream)
    stream.come(message.subarray(0, 9))
    stream.end()
    await expect(reading).rejects.toThrow(InvalidMessageError)
  })

  it('resolves when the stream has ended before', async () => {
    await read(Object.assign(new Inbound(), { readableEnded: true })).reading
    await read(Object.assign(new Inbound(), { status: 'reset' })).reading
  })

  it('rejects as what comes is refused, by the format or by whoever takes it', async () => {
    const stream = new Inbound()
    const { reading } = read(stream)
    stream.come(encodeVarint(bitswapMessageBytesMax + 1))
    await expect(reading).rejects.toThrow(LimitExceededError)
    const other = new Inbound()
    const failing = readBitswap(other as unknown as Stream, { keeps: () => true, take: () => { throw new TypeError('not this') } })
    other.come(message)
    await expect(failing).rejects.toThrow('not this')
  })

  it('gives up a message that does not go on, and not one that comes slowly', async () => {
    vi.useFakeTimers()
    const pending = pendingTimers(bitswapTimeoutMs, idleStreamTimeoutMs)
    const stream = new Inbound()
    const { reading } = read(stream)
    for (const byte of message.subarray(0, 20)) {
      stream.come(Uint8Array.of(byte))
      await vi.advanceTimersByTimeAsync(bitswapTimeoutMs - 1)
    }
    const ended = expect(reading).rejects.toThrow(TimedOutError)
    await vi.advanceTimersByTimeAsync(1)
    await ended
    expect(pending()).toBe(0)
  })

  it('gives up a stream on which nothing comes for long, from its start or from the last message', async () => {
    vi.useFakeTimers()
    const pending = pendingTimers(bitswapTimeoutMs, idleStreamTimeoutMs)
    const stream = new Inbound()
    const { reading } = read(stream)
    await vi.advanceTimersByTimeAsync(idleStreamTimeoutMs - 1)
    stream.come(message)
    await vi.advanceTimersByTimeAsync(idleStreamTimeoutMs - 1)
    const ended = expect(reading).rejects.toThrow(TimedOutError)
    await vi.advanceTimersByTimeAsync(1)
    await ended
    expect(pending()).toBe(0)
  })
})
