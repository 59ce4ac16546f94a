import { afterEach, describe, expect, it, vi } from 'vitest'
import { PeerUnreachableError } from '../../src/errors.ts'
import { bitswapAnswersMax, bitswapPresencesMax, bitswapWantsPerPeerMax, blockBytesMax, sendBytesTarget, sendStallTimeoutMs } from '../../src/limits.ts'
import { PeerAnswers } from '../../src/network/bitswap-answers.ts'
import { Slots } from '../../src/format/slots.ts'
import { ServedBlocks } from '../../src/network/served-blocks.ts'
import { leaf, MemoryBlocks, noise } from '../format/dags.ts'
import { wantOf } from './bitswap-peer.ts'
import { FakeStream } from './fake-stream.ts'
import type { Stream } from '@libp2p/interface'
import type { BitswapPart } from '../../src/format/bitswap-decoder.ts'
import type { PeerAnswersInit } from '../../src/network/bitswap-answers.ts'
import type { Block } from '../format/dags.ts'

const abort = (): AbortController => new AbortController()

function blocksOf (count: number, size: number): Block[] {
  return Array.from({ length: count }, (_, i) => leaf(noise(size, i)))
}

function answersTo (stream: FakeStream, stored: MemoryBlocks, init: Partial<PeerAnswersInit> = {}): PeerAnswers {
  return new PeerAnswers({
    peerId: 'peer',
    blocks: new ServedBlocks(stored),
    places: new Slots(bitswapAnswersMax),
    tally: { kept: 0 },
    pace: undefined,
    open: async () => await Promise.resolve(stream.asStream),
    signal: abort().signal,
    log: () => {},
    ...init
  })
}

function kinds (parts: readonly BitswapPart[]): string[] {
  return parts.map(part => part.type === 'presence' ? part.presence.has ? 'has' : 'lacks' : part.type)
}

async function settled (turns = 50): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise(resolve => { setImmediate(resolve) })
}

afterEach(() => { vi.useRealTimers() })

describe('PeerAnswers', () => {
  const [here, gone] = [leaf('here'), leaf('gone')]

  it('answers all wants of one message with one, in their order', async () => {
    const [stream, other] = [new FakeStream(), leaf('other')]
    const answers = answersTo(stream, new MemoryBlocks({ blocks: [here, other] }))
    for (const want of [wantOf(here.cid), wantOf(other.cid, 'have'), wantOf(gone.cid), wantOf(leaf('unsaid').cid, 'block', false)]) answers.add(want)
    await settled()
    expect(kinds(stream.parts)).toEqual(['block', 'has', 'lacks'])
    expect(stream.sends).toHaveLength(1)
    expect(answers.wants.isEmpty).toBe(true)
  })

  it('reads no block to say that it is there', async () => {
    const [stream, stored, blocks] = [new FakeStream(), new MemoryBlocks({ blocks: [here] }), blocksOf(bitswapPresencesMax, 8)]
    const answers = answersTo(stream, stored)
    answers.add(wantOf(here.cid, 'have'))
    for (const { cid } of blocks) answers.add(wantOf(cid, 'have'))
    await settled()
    expect(kinds(stream.parts)).toEqual(['has', ...blocks.map(() => 'lacks')])
    expect(stream.sends).toHaveLength(2)
    expect(stored.gets).toEqual([])
  })

  it('opens no stream to say nothing', async () => {
    let opened = 0
    const stream = new FakeStream()
    const open = async (): Promise<Stream> => {
      opened++
      return await Promise.resolve(stream.asStream)
    }
    const answers = answersTo(stream, new MemoryBlocks({ blocks: [here] }), { open })
    answers.add(wantOf(gone.cid, 'have', false))
    await settled()
    expect(opened).toBe(0)
    expect(answers.wants.isEmpty).toBe(true)
    answers.add(wantOf(here.cid, 'have', false))
    await settled()
    expect(opened).toBe(1)
  })

  it.each([['small', 100, 10_000], ['large', 20, 1 << 20], ['the largest', 8, blockBytesMax]])(
    'reads no more %s blocks than one message takes for a peer that does not read, and the others when it does', async (_, count, size) => {
      const [stream, blocks] = [new FakeStream({ reads: false }), blocksOf(count, size)]
      const stored = new MemoryBlocks({ blocks })
      const answers = answersTo(stream, stored)
      for (const { cid } of blocks) answers.add(wantOf(cid))
      await settled()
      const inMemory = stored.gets.length * size
      expect(inMemory).toBeLessThan(sendBytesTarget + size)
      expect(stream.writeBufferLength).toBeLessThanOrEqual(2 * sendBytesTarget)
      for (let sends = -1; sends < stream.sends.length;) {
        sends = stream.sends.length
        stream.read()
        await settled()
        const sent = stream.parts.filter(({ type }) => type === 'block').length
        expect((stored.gets.length - sent) * size).toBeLessThan(sendBytesTarget + size)
      }
      expect(kinds(stream.parts)).toEqual(blocks.map(() => 'block'))
    })

  it('keeps so many wants of a peer that does not read, and tells it later that there was no room for the others', async () => {
    const [stream, blocks] = [new FakeStream({ reads: false }), blocksOf(bitswapWantsPerPeerMax + 10, 8)]
    const tally = { kept: 0 }
    const answers = answersTo(stream, new MemoryBlocks({ blocks }), { tally })
    for (const { cid } of blocks) answers.add(wantOf(cid, 'have'))
    expect(tally.kept).toBe(bitswapWantsPerPeerMax)
    for (let i = 0; i < 4; i++) {
      await settled(1500)
      stream.read()
    }
    await settled()
    expect(kinds(stream.parts).filter(kind => kind === 'has')).toHaveLength(bitswapWantsPerPeerMax)
    expect(kinds(stream.parts).filter(kind => kind === 'lacks')).toHaveLength(10)
    expect(tally.kept).toBe(0)
  })

  it('says nothing of what is cancelled while it is read, or before', async () => {
    const [stream, stored] = [new FakeStream(), new MemoryBlocks({ blocks: [here, gone] })]
    const reading = Promise.withResolvers<undefined>()
    const read = Promise.withResolvers<undefined>()
    const blocks = new ServedBlocks({
      has: cid => stored.has(cid),
      get: async (cid) => {
        reading.resolve(undefined)
        await read.promise
        return await stored.get(cid)
      }
    })
    const answers = answersTo(stream, stored, { blocks })
    for (const { cid } of [here, gone]) answers.add(wantOf(cid))
    await reading.promise
    answers.add(wantOf(here.cid, 'cancel'))
    answers.add(wantOf(gone.cid, 'cancel'))
    read.resolve(undefined)
    await settled()
    expect(stream.sends).toEqual([])
    answers.add(wantOf(here.cid))
    await settled()
    expect(kinds(stream.parts)).toEqual(['block'])
  })

  it('answers peers in turns', async () => {
    const places = new Slots(1)
    const blocks = blocksOf(3, sendBytesTarget)
    const order: string[] = []
    const peers = ['a', 'b'].map((peerId) => {
      const stream = new FakeStream()
      const pace = async (): Promise<void> => {
        order.push(peerId)
        await settled(1)
      }
      return answersTo(stream, new MemoryBlocks({ blocks }), { peerId, places, pace })
    })
    for (const { cid } of blocks) for (const peer of peers) peer.add(wantOf(cid))
    await settled()
    expect(order).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
  })

  it('reads for so many peers at the same time that do not read, and for the next one when one of them is gone', async () => {
    const places = new Slots(bitswapAnswersMax)
    const blocks = blocksOf(2, blockBytesMax)
    const peers = Array.from({ length: bitswapAnswersMax + 8 }, () => {
      const [stored, gone] = [new MemoryBlocks({ blocks }), abort()]
      const answers = answersTo(new FakeStream({ reads: false }), stored, { places, signal: gone.signal })
      for (const { cid } of blocks) answers.add(wantOf(cid))
      return { stored, gone }
    })
    const read = (): number => peers.reduce((sum, { stored }) => sum + stored.gets.length, 0)
    await settled()
    expect(read()).toBe(bitswapAnswersMax)
    peers[0]?.gone.abort(new PeerUnreachableError('it left'))
    await settled()
    expect(read()).toBe(bitswapAnswersMax + 1)
  })

  it('asks for leave to send the bytes of blocks, and sends nothing to a peer that left meanwhile', async () => {
    const [stream, gone] = [new FakeStream(), abort()]
    const asked: number[] = []
    const leave = Promise.withResolvers<undefined>()
    const pace = async (_: string, bytes: number): Promise<void> => {
      asked.push(bytes)
      await leave.promise
    }
    const answers = answersTo(stream, new MemoryBlocks({ blocks: [here] }), { pace, signal: gone.signal })
    answers.add(wantOf(here.cid, 'have'))
    await settled()
    expect(kinds(stream.parts)).toEqual(['has'])
    answers.add(wantOf(here.cid))
    await settled()
    expect(asked).toEqual([here.bytes.length])
    gone.abort(new PeerUnreachableError('it left'))
    leave.resolve(undefined)
    await settled()
    expect(kinds(stream.parts)).toEqual(['has'])
  })

  it('forgets what a peer wants that reads nothing, says so, and answers what it wants later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] })
    const lines: string[] = []
    const streams = [new FakeStream({ reads: false }), new FakeStream()]
    const [silent, reading] = streams as [FakeStream, FakeStream]
    const open = async (): Promise<Stream> => await Promise.resolve((streams.shift() ?? reading).asStream)
    const blocks = blocksOf(4, 1 << 20)
    const answers = answersTo(silent, new MemoryBlocks({ blocks }), { open, log: (line) => { lines.push(line) } })
    for (const { cid } of blocks) answers.add(wantOf(cid))
    await settled()
    await vi.advanceTimersByTimeAsync(sendStallTimeoutMs)
    await settled()
    expect(answers.wants.isEmpty).toBe(true)
    expect(silent.status).toBe('aborted')
    expect(lines).toEqual([expect.stringContaining('peer gets no answer')])
    for (const { cid } of blocks.slice(0, 1)) answers.add(wantOf(cid))
    await settled()
    expect(kinds(reading.parts)).toEqual(['block'])
  })
})
