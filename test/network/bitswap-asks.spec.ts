import { CID } from 'multiformats/cid'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { CorruptTransferError, LimitExceededError, PeerUnreachableError, RefusedError, TimedOutError, UnavailableError } from '../../src/errors.ts'
import { prefixOf } from '../../src/format/bitswap-message.ts'
import {
  bitswapAsksPerPeerMax, bitswapReceiveBytesMax, bitswapUnaskedBytesMax, blockBytesMax, fetchStallTimeoutMs, progressBytesMin
} from '../../src/limits.ts'
import { PeerAsks } from '../../src/network/bitswap-asks.ts'
import { leaf } from '../format/dags.ts'
import { FakeStream } from './fake-stream.ts'
import type { Stream } from '@libp2p/interface'
import type { Block } from '../format/dags.ts'

const [a, b] = [leaf('a'), leaf('b')]
const many = Array.from({ length: bitswapAsksPerPeerMax + 3 }, (_, i) => leaf(`many ${i}`))

interface Asked {
  asks: PeerAsks
  stream: FakeStream
  gone: AbortController
}

function start (stream = new FakeStream()): Asked {
  const gone = new AbortController()
  const open = async (): Promise<Stream> => {
    // As if it were another one.
    stream.writeStatus = 'writable'
    return await Promise.resolve(stream.asStream)
  }
  const asks = new PeerAsks({ peerId: 'peer', open, signal: gone.signal })
  return { asks, stream, gone }
}

/** Asks, and lets the question be sent. */
async function asked ({ asks }: Asked, { cid }: Block, signal?: AbortSignal): Promise<{ answer: Promise<Uint8Array> }> {
  const answer = asks.ask(cid, { signal })
  answer.catch(() => {})
  await settled()
  return { answer }
}

function give (asks: PeerAsks, { cid, bytes }: Block): void {
  asks.takeBlock(prefixOf(cid), bytes)
}

/** What was sent, one text for each entry of a want list and a bar between messages. */
function sent ({ parts }: FakeStream, blocks: readonly Block[] = [a, b]): string[] {
  return parts.map((part) => part.type === 'want' ? `${part.want.kind} ${blocks.findIndex(({ cid }) => cid.equals(part.want.cid))}` : '|')
}

async function settled (): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise(resolve => { setImmediate(resolve) })
}

const fakeTimeouts = (): void => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) }

afterEach(() => { vi.useRealTimers() })

describe('PeerAsks', () => {
  it('asks in one message for the blocks of one turn, each once, and cancels what has come with the next', async () => {
    const { asks, stream } = start()
    const answers = [asks.ask(a.cid), asks.ask(b.cid), asks.ask(a.cid)]
    await settled()
    expect(sent(stream)).toEqual(['block 0', 'block 1', '|'])
    expect(stream.parts[0]).toMatchObject({ want: { sendDontHave: true } })
    give(asks, b)
    give(asks, a)
    expect(await Promise.all(answers)).toEqual([a.bytes, b.bytes, a.bytes])
    await settled()
    expect(sent(stream).slice(3)).toEqual(['cancel 1', 'cancel 0', '|'])
    expect(asks.size).toBe(0)
  })

  it('asks again for what it has had, after the cancel and not in the same message', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    give(node.asks, a)
    await answer
    await asked(node, a)
    expect(sent(node.stream)).toEqual(['block 0', '|', 'cancel 0', '|', 'block 0', '|'])
  })

  it('is told at once that the peer does not have a block', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    node.asks.takePresence({ cid: a.cid, has: true })
    expect(node.asks.size).toBe(1)
    node.asks.takePresence({ cid: a.cid, has: false })
    await expect(answer).rejects.toMatchObject({ name: UnavailableError.name, details: { peer: 'peer', cid: a.cid.toString() } })
  })

  it('takes a block by its whole name: version, codec, hash and length', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    const { digest } = a.cid.multihash
    for (const prefix of [[0, 0x55, 0x12, 32], [1, 0x70, 0x12, 32], [1, 0x55, 0, 32], [1, 0x55, 0x12, 31], []]) {
      node.asks.takeBlock(Uint8Array.from(prefix), a.bytes)
    }
    node.asks.takeBlock(prefixOf(a.cid), Uint8Array.of(1))
    node.asks.takeBlock(prefixOf(a.cid), digest)
    expect(node.asks.size).toBe(1)
    give(node.asks, a)
    expect(await answer).toEqual(a.bytes)
    const old = { cid: CID.createV0(leaf('old').cid.multihash as CID['multihash'] & { code: 0x12 }), bytes: leaf('old').bytes }
    const { answer: first } = await asked(node, old)
    node.asks.takeBlock(Uint8Array.of(0, 0x70, 0x12, 32), old.bytes)
    expect(await first).toEqual(old.bytes)
  })

  it('tells the peer what is not wanted any more, when nobody is left who wants it', async () => {
    const node = start()
    const [one, other] = [new AbortController(), new AbortController()]
    const [first, second] = [await asked(node, a, one.signal), await asked(node, a, other.signal)]
    one.abort('first')
    await expect(first.answer).rejects.toBe('first')
    await settled()
    expect(sent(node.stream)).toEqual(['block 0', '|'])
    other.abort('second')
    await expect(second.answer).rejects.toBe('second')
    await settled()
    expect(sent(node.stream)).toEqual(['block 0', '|', 'cancel 0', '|'])
    await expect(node.asks.ask(a.cid, { signal: AbortSignal.abort('before') })).rejects.toBe('before')
  })

  it('says nothing of what is withdrawn before it was sent', async () => {
    const { asks, stream } = start()
    const abort = new AbortController()
    const answer = asks.ask(a.cid, { signal: abort.signal })
    abort.abort('at once')
    await expect(answer).rejects.toBe('at once')
    await settled()
    expect(stream.sends).toEqual([])
  })

  it('asks for so many blocks at the same time, and for the others as those come', async () => {
    const node = start()
    for (const { cid } of many) node.asks.ask(cid).catch(() => {})
    await settled()
    expect(sent(node.stream, many).filter(entry => entry.startsWith('block'))).toHaveLength(bitswapAsksPerPeerMax)
    give(node.asks, many[0] ?? a)
    await settled()
    expect(sent(node.stream, many).filter(entry => entry.startsWith('block'))).toHaveLength(bitswapAsksPerPeerMax + 1)
  })

  it('gives up a peer that sends nothing, and not one from which something comes', async () => {
    fakeTimeouts()
    const node = start()
    const { answer } = await asked(node, a)
    let heard = 0
    const second = node.asks.ask(b.cid, { onProgress: () => { heard++ } })
    second.catch(() => {})
    await settled()
    for (let i = 0; i < 3; i++) {
      await vi.advanceTimersByTimeAsync(fetchStallTimeoutMs - 1)
      node.asks.progress(progressBytesMin)
    }
    expect(heard).toBe(3)
    await vi.advanceTimersByTimeAsync(fetchStallTimeoutMs - 1)
    node.asks.progress(progressBytesMin - 1)
    expect(node.asks.size).toBe(2)
    const ended = [expect(answer).rejects.toThrow(TimedOutError), expect(second).rejects.toThrow(TimedOutError)]
    await vi.advanceTimersByTimeAsync(1)
    await Promise.all(ended)
    await settled()
    expect(sent(node.stream).filter(entry => entry.startsWith('cancel'))).toEqual(['cancel 0', 'cancel 1'])
  })

  it('gives up a block when so many that were asked for later came before', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    for (const block of many.slice(0, bitswapAsksPerPeerMax)) {
      await asked(node, block)
      give(node.asks, block)
    }
    expect(node.asks.size).toBe(1)
    await asked(node, b)
    give(node.asks, b)
    await expect(answer).rejects.toThrow(TimedOutError)
  })

  it('keeps blocks only while something is asked for, and no more at a time than allowed', async () => {
    const node = start()
    expect(node.asks.begin(1)).toBe(false)
    const { answer } = await asked(node, a)
    for (let begun = 0; begun < bitswapReceiveBytesMax; begun += blockBytesMax) expect(node.asks.begin(blockBytesMax)).toBe(true)
    node.asks.end(1)
    expect(node.asks.begin(1)).toBe(true)
    expect(() => node.asks.begin(1)).toThrow(CorruptTransferError)
    await expect(answer).rejects.toThrow(CorruptTransferError)
  })

  it('takes so many bytes that were not asked for, and then nothing more of the peer', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    node.asks.unasked(bitswapUnaskedBytesMax - b.bytes.length - b.cid.bytes.length)
    give(node.asks, b)
    node.asks.takePresence({ cid: b.cid, has: false })
    expect(node.asks.size).toBe(1)
    expect(() => { give(node.asks, b) }).toThrow(CorruptTransferError)
    await expect(answer).rejects.toMatchObject({ name: CorruptTransferError.name, details: { peer: 'peer' } })
    await expect(node.asks.ask(b.cid)).rejects.toThrow(CorruptTransferError)
    expect(node.asks.begin(1)).toBe(false)
  })

  it('gives up what was asked for when the peer sends what is too large, and asks it again', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    const waiting = node.asks.ask(b.cid)
    node.asks.refuse(new LimitExceededError('A block of 7 bytes came', { limit: 'blockBytesMax', max: 6, actual: 7 }))
    await expect(answer).rejects.toMatchObject({
      name: CorruptTransferError.name, message: expect.stringMatching(/^peer .* A block of 7 bytes came$/) as string,
      details: { peer: 'peer', limit: 'blockBytesMax', max: 6, actual: 7 }
    })
    await settled()
    give(node.asks, b)
    expect(await waiting).toEqual(b.bytes)
    const { answer: again } = await asked(node, a)
    give(node.asks, a)
    expect(await again).toEqual(a.bytes)
    expect(sent(node.stream).join(' ')).toContain('cancel 0')
  })

  it('does not blame a peer for what was withdrawn when it may have been on its way', async () => {
    const node = start()
    node.asks.unasked(bitswapUnaskedBytesMax)
    const abort = new AbortController()
    await asked(node, a, abort.signal)
    abort.abort()
    await settled()
    node.asks.unasked(blockBytesMax)
    expect(() => { node.asks.unasked(1) }).toThrow(CorruptTransferError)
  })

  it('rejects when the peer is gone, or does not speak bitswap', async () => {
    const node = start()
    const { answer } = await asked(node, a)
    node.gone.abort(new PeerUnreachableError('it left'))
    await expect(answer).rejects.toThrow('it left')
    await expect(node.asks.ask(b.cid)).rejects.toThrow('it left')
    const asks = new PeerAsks({ peerId: 'peer', open: () => Promise.reject(new RefusedError('what?')), signal: new AbortController().signal })
    await expect(asks.ask(a.cid)).rejects.toThrow(RefusedError)
    expect(asks.size).toBe(0)
  })
})
