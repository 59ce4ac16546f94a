import { describe, expect, it } from 'vitest'
import { Uint8ArrayList } from 'uint8arraylist'
import { CarDecoder } from '../../src/format/car.ts'
import { readMemory, sentMemory } from '../../src/format/claimed-memory.ts'
import { AnswerReader } from '../../src/format/message-reader.ts'
import { blockBytesMax, dataBytesMax, fastBytesPerSecond, firstSendBytes, sendBytesMax, sendBytesTarget } from '../../src/limits.ts'
import { AnswerWriter } from '../../src/transfer/answer-writer.ts'
import { flatDag, leaf, noise } from '../format/dags.ts'
import type { Stream } from '@libp2p/interface'

/** Takes everything at once and keeps it as it was sent. */
class SentPieces {
  readonly status = 'open'
  readonly writeStatus = 'writable'
  readonly writeBufferLength = 0
  readonly sent: Uint8ArrayList[] = []

  send (data: Uint8Array | Uint8ArrayList): boolean {
    this.sent.push(new Uint8ArrayList(data))
    return true
  }
}

function writer (now: () => number = () => 0): { answer: AnswerWriter, sent: Uint8ArrayList[] } {
  const stream = new SentPieces()
  return { answer: new AnswerWriter(stream as unknown as Stream, { now }), sent: stream.sent }
}

describe('AnswerWriter', () => {
  it('sends a small answer at once', async () => {
    const { answer, sent } = writer()
    const block = leaf('small')
    answer.header({ status: 'ok' })
    answer.carHeader(block.cid)
    await answer.block(block.cid, block.bytes)
    expect(sent).toEqual([])
    await answer.end('ok')
    expect(sent).toHaveLength(1)
    expect([...new AnswerReader().read(sent[0]?.subarray() ?? new Uint8Array())].map(({ type }) => type)).toEqual(['header', 'data', 'end'])
  })

  it('sends what has come together once it is enough, and all of it in order', async () => {
    const { answer, sent } = writer()
    const blocks = Array.from({ length: 30 }, (_, index) => leaf(noise(20_000, index)))
    answer.header({ status: 'ok' })
    answer.carHeader(leaf('').cid)
    for (const { cid, bytes } of blocks) await answer.block(cid, bytes)
    await answer.end('ok')
    const [first, ...others] = sent.map(({ byteLength }) => byteLength)
    expect(first).toBeGreaterThanOrEqual(firstSendBytes)
    expect(first).toBeLessThan(firstSendBytes + 21_000)
    expect(others).toHaveLength(Math.ceil(30 / 4) - 1)
    const car = new CarDecoder()
    const reader = new AnswerReader()
    const read = sent.flatMap(piece => [...reader.read(piece.subarray())]).flatMap(message => message.type === 'data' ? car.push(message.bytes) : [])
    expect(read.map(({ cid }) => cid.toString())).toEqual(blocks.map(({ cid }) => cid.toString()))
  })

  it('has leaves freed when they were sent, and no block with links', async () => {
    const { answer, sent } = writer()
    const inner = flatDag(600, 1).blocks[0] ?? expect.fail()
    const blocks = [leaf(noise(40_000, 1)), leaf(noise(40_000, 2)), inner]
      .map(({ cid, bytes }) => ({ cid, bytes: readMemory.claim(new Uint8Array(bytes)) }))
    expect(blocks.map(({ bytes }) => readMemory.has(bytes))).toEqual([true, true, true])
    for (const { cid, bytes } of blocks) await answer.block(cid, bytes)
    await answer.flush()
    for (const piece of sent.flatMap(list => [...list])) sentMemory.freeSent(piece)
    await Promise.resolve()
    expect(blocks.map(({ bytes }) => bytes.byteLength)).toEqual([0, 0, inner.bytes.byteLength])
  })

  it('copies no block, and makes no data larger than a message may be', async () => {
    const { answer, sent } = writer()
    const small = leaf(noise(firstSendBytes - 200, 1))
    const large = leaf(noise(blockBytesMax, 2))
    answer.carHeader(small.cid)
    await answer.block(small.cid, small.bytes)
    await answer.block(large.cid, large.bytes)
    const whole = new Uint8ArrayList(...sent)
    expect(new Set([...whole].map(({ buffer }) => buffer))).toContain(small.bytes.buffer)
    expect([...whole].filter(({ buffer }) => buffer === large.bytes.buffer).reduce((sum, { byteLength }) => sum + byteLength, 0)).toBe(blockBytesMax)
    expect([...new AnswerReader().read(whole.subarray())]).toHaveLength(1)
  })

  it('sends a large block piece by piece, small ones at first, to a reader that has not shown to be fast', async () => {
    const { answer, sent } = writer()
    const { cid, bytes } = leaf(noise(1 << 20, 1))
    answer.header({ status: 'ok' })
    await answer.block(cid, bytes)
    const lengths = sent.map(({ byteLength }) => byteLength)
    expect(lengths.slice(0, -1)).toEqual(lengths.slice(0, -1).map(() => firstSendBytes))
    expect(lengths.at(-1)).toBeLessThan(2 * firstSendBytes)
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBeGreaterThan(1 << 20)
    sent.length = 0
    await answer.block(cid, bytes)
    expect(sent[0]?.byteLength).toBe(sendBytesTarget)
    expect(sent.at(-1)?.byteLength).toBeLessThan(2 * sendBytesTarget)
  })

  it('makes two messages of what is more than one may hold', async () => {
    const { answer, sent } = writer()
    const { cid } = leaf('block')
    await answer.block(cid, new Uint8Array(firstSendBytes - 200))
    await answer.block(cid, new Uint8Array(dataBytesMax - 200))
    const lengths = sent.flatMap(piece => [...new AnswerReader().read(piece.subarray())]).map(message => message.type === 'data' ? message.bytes.length : 0)
    expect(lengths).toHaveLength(2)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(dataBytesMax)
  })

  it.each([
    ['larger pieces to a reader that is fast', 1, sendBytesMax],
    ['pieces of the usual size to one that is not', -1, sendBytesTarget]
  ])('sends %s', async (_, faster, size) => {
    let sentBytes = 0
    const { answer, sent } = writer(() => sentBytes / (fastBytesPerSecond + faster) * 1000)
    const block = leaf(noise(sendBytesTarget / 4, 1))
    for (let n = 0; n < 200; n++) {
      await answer.block(block.cid, block.bytes)
      sentBytes = sent.reduce((sum, { byteLength }) => sum + byteLength, 0)
    }
    expect(sent[1]?.byteLength).toBeLessThan(sendBytesTarget / 2)
    expect(Math.floor((sent.at(-1)?.byteLength ?? 0) / size)).toBe(1)
  })

  it('sends what there is when it is told to, and nothing when there is nothing', async () => {
    const { answer, sent } = writer()
    await answer.flush()
    expect(sent).toEqual([])
    answer.header({ status: 'busy' })
    await answer.flush()
    expect(sent).toHaveLength(1)
  })

  it('gives an answer up whose reader reads nothing for as long as it may', async () => {
    const stuck = Object.assign(new EventTarget(), { status: 'open', writeStatus: 'writable', writeBufferLength: sendBytesTarget + 1, send: () => false })
    const answer = new AnswerWriter(stuck as unknown as Stream, { stallTimeoutMs: 7 })
    answer.header({ status: 'ok' })
    await expect(answer.flush()).rejects.toThrow('Nothing was read for 7 ms')
  })
})
