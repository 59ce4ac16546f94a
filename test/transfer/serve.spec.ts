import { describe, expect, it } from 'vitest'
import { CorruptBlockError } from '../../src/errors.ts'
import { CarDecoder } from '../../src/format/car.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { toHex } from '../../src/format/hex.ts'
import { AnswerReader } from '../../src/format/message-reader.ts'
import { dagProtocol, encodeHeader, encodeRequest } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { encodeVarint } from '../../src/format/varint.ts'
import {
  answersPerPeerMax, firstSendBytes, receiveQueueBytesMax, requestBytesMax, sendBytesTarget, serveBytesPerPeerMax,
  serveReadAheadBytesMax, splitBytesMin
} from '../../src/limits.ts'
import { RateLimit } from '../../src/transfer/rate-limit.ts'
import { StreamReader } from '../../src/transfer/stream-reader.ts'
import { deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import { startPeer, startServer } from './support.ts'
import type { Stream } from '@libp2p/interface'
import type { CID } from 'multiformats/cid'
import type { ReaderPeer } from '../../src/interface/bundle.ts'
import type { ServedRoot } from '../../src/interface/transfer.ts'
import type { DagAnswer, DagRequest } from '../../src/format/messages.ts'

const late = (): Error => new Error('late')

type Server = Awaited<ReturnType<typeof startServer>>

async function openTo (server: Server, n = 102): Promise<{ stream: Stream, pieces: StreamReader }> {
  const client = await startPeer(n)
  const stream = await client.openStream(await client.connect(server.dialled), dagProtocol)
  return { stream, pieces: new StreamReader(stream) }
}

function requestFor (root: CID, fields: Partial<DagRequest> = {}): Uint8Array {
  return encodeRequest({ root, mode: 'all', from: [], to: undefined, since: [], ...fields })
}

/** Reads one answer to its end, or a refusal. */
async function readAnswer (pieces: StreamReader): Promise<{ answers: DagAnswer[], bytes: Uint8Array }> {
  const reader = new AnswerReader()
  const answers: DagAnswer[] = []
  const bytes: Uint8Array[] = []
  for (;;) {
    const piece = await pieces.next(5000, late)
    if (piece === undefined) throw new Error('the stream ended')
    bytes.push(piece)
    for (const answer of reader.read(piece)) {
      answers.push(answer)
      if (answer.type === 'end' || (answer.type === 'header' && answer.header.status !== 'ok')) return { answers, bytes: concat(bytes) }
    }
  }
}

function blocksOf (answers: readonly DagAnswer[]): string[] {
  const car = new CarDecoder()
  const blocks = answers.flatMap(answer => answer.type === 'data' ? car.push(answer.bytes) : [])
  car.end()
  return blocks.map(({ cid }) => cid.toString())
}

describe('serveDag', () => {
  it('ends its answer before the block with which it would send more than is enough, but not before the first', async () => {
    const dag = flatDag(40, 1000)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { stream, pieces } = await openTo(server)
    const rootBytes = dag.blocks[0]!.bytes.length
    const cases = [[1, 1], [rootBytes + 999, 1], [rootBytes + 1000, 2], [rootBytes + 2001, 3], [dag.bytes - 1, 40], [dag.bytes, 41], [2 ** 50, 41]]
    for (const [enoughBytes = 0, blocks] of cases) {
      stream.send(requestFor(dag.root, { enoughBytes }))
      const { answers } = await readAnswer(pieces)
      expect(answers.at(-1)).toEqual({ type: 'end', status: 'ok' })
      expect(blocksOf(answers)).toEqual(dag.blocks.slice(0, blocks).map(({ cid }) => cid.toString()))
    }
  })

  it('sends a header, the blocks of the interval that was asked for in their order, and an end', async () => {
    const dag = deepDag(3, 3)
    const server = await startServer(101, [dag], new MemoryBlocks(dag), { statements: [Uint8Array.of(7)] })
    const { stream, pieces } = await openTo(server)
    for (const interval of [{}, { from: [1, 1] }, { from: [1], to: [2, 0], since: [1] }, { mode: 'leaves' as const }, { mode: 'block' as const, from: [2] }]) {
      stream.send(requestFor(dag.root, interval))
      const { answers } = await readAnswer(pieces)
      expect(answers[0]).toEqual({ type: 'header', header: { status: 'ok', size: dag.bytes, access: 'anyone', statements: [Uint8Array.of(7)] } })
      expect(answers.at(-1)).toEqual({ type: 'end', status: 'ok' })
      const walk = new DagWalk(dag.root, interval)
      const expected: string[] = []
      for (let step = walk.next(); step !== undefined; step = walk.next()) {
        if (step.wanted) expected.push(step.cid.toString())
        walk.supply(dag.blocks.find(({ cid }) => cid.equals(step.cid))?.bytes ?? new Uint8Array())
      }
      expect(blocksOf(answers)).toEqual(expected)
    }
  })

  it('answers requests that come before their turn, one after the other', async () => {
    const dags = [flatDag(3, 10, 1), flatDag(3, 10, 2)]
    const server = await startServer(101, dags, new MemoryBlocks(...dags))
    const { stream, pieces } = await openTo(server)
    stream.send(concat(dags.map(({ root }) => requestFor(root))))
    const reader = new AnswerReader()
    const roots: string[] = []
    while (roots.length < 2) {
      for (const answer of reader.read(await pieces.next(5000, late) ?? new Uint8Array())) {
        if (answer.type !== 'data') continue
        const car = new CarDecoder()
        car.push(answer.bytes)
        roots.push(String(car.roots?.[0]))
      }
    }
    expect(roots).toEqual(dags.map(({ root }) => root.toString()))
  })

  it('lets others have their turn between many requests that it refuses', async () => {
    const server = await startServer(101, [], new MemoryBlocks())
    const { stream, pieces } = await openTo(server)
    let turns = 0
    let isCounting = true
    const count = (): void => {
      turns++
      if (isCounting) setImmediate(count)
    }
    setImmediate(count)
    stream.send(concat(Array.from({ length: 300 }, () => requestFor(leaf('absent').cid))))
    const reader = new AnswerReader()
    for (let refusals = 0; refusals < 300;) refusals += [...reader.read(await pieces.next(5000, late) ?? new Uint8Array())].length
    isCounting = false
    expect(turns).toBeGreaterThan(250)
  })

  it('sends the blocks of a small bundle in one piece, after what is said of its root, which waits for none of them', async () => {
    const dag = flatDag(20, 2048)
    const blocks = new MemoryBlocks(dag)
    const isTold = Promise.withResolvers<undefined>()
    const server = await startServer(101, [dag], { get: async cid => { await isTold.promise; return await blocks.get(cid) } })
    const { stream, pieces } = await openTo(server)
    stream.send(requestFor(dag.root))
    const reader = new AnswerReader()
    const read = async (): Promise<string[]> => [...reader.read(await pieces.next(5000, late) ?? new Uint8Array())].map(({ type }) => type)
    expect(await read()).toEqual(['header'])
    isTold.resolve(undefined)
    expect(await read()).toEqual(['data', 'end'])
  })

  it('sends what tells what else to ask for before the first large block, of what several may bring', async () => {
    const mebibyte = 1 << 20
    for (const [leaves, first] of [[splitBytesMin / mebibyte, 'root'], [splitBytesMin / mebibyte - 1, 'more']] as const) {
      const dag = flatDag(leaves, mebibyte)
      const server = await startServer(110 + leaves, [dag], new MemoryBlocks(dag))
      const { stream, pieces } = await openTo(server, 130 + leaves)
      stream.send(requestFor(dag.root))
      const [header, piece] = [await pieces.next(5000, late) ?? new Uint8Array(), await pieces.next(5000, late) ?? new Uint8Array()]
      const reader = new AnswerReader()
      expect([...reader.read(header)].map(({ type }) => type)).toEqual(['header'])
      if (first === 'more') expect(piece.length).toBeGreaterThan(firstSendBytes / 2)
      else expect(blocksOf([...reader.read(piece)])).toEqual([dag.root.toString()])
    }
  })

  it('gives the same bytes for what is absent, embargoed or not for this peer, and reads nothing for them', async () => {
    const dag = flatDag(3, 10)
    const blocks = new MemoryBlocks(dag)
    const stranger = `0x${'1'.repeat(40)}` as const
    const answers: string[] = []
    const cases = [
      [110, undefined], [111, { embargoed: true }], [112, { readers: [stranger] }], [113, { readers: [stranger], embargoed: true }],
      [114, { readers: () => false }], [115, { readers: async () => await Promise.reject(new Error('no chain')) }],
      [116, { readers: () => false, embargoed: true }]
    ] as const
    for (const [n, rules] of cases) {
      const server = await startServer(n, rules === undefined ? [] : [dag], blocks, rules ?? {})
      const { stream, pieces } = await openTo(server, n + 20)
      stream.send(requestFor(dag.root))
      answers.push(toHex((await readAnswer(pieces)).bytes))
    }
    expect(new Set(answers)).toEqual(new Set([toHex(encodeHeader({ status: 'not-available' }))]))
    expect(blocks.gets).toEqual([])
  })

  it('serves named readers, and tells them alone of an embargo', async () => {
    const dag = flatDag(3, 10)
    const reader = await startPeer(102)
    const { address } = reader.identity
    const named = [[address], ({ address: asking }: ReaderPeer) => asking === address]
    const cases = named.flatMap((readers, at) => [[101 + 10 * at, readers, false, 'ok'], [103 + 10 * at, readers, true, 'embargoed']] as const)
    for (const [n, readers, embargoed, status] of cases) {
      const server = await startServer(n, [dag], new MemoryBlocks(dag), { readers, embargoed })
      const stream = await reader.openStream(await reader.connect(server.dialled), dagProtocol)
      stream.send(requestFor(dag.root))
      expect((await readAnswer(new StreamReader(stream))).answers[0]).toMatchObject({ header: { status } })
    }
  })

  it('does not serve by a function whose place was taken while it was asked', async () => {
    const dag = flatDag(3, 10)
    const blocks = new MemoryBlocks(dag)
    const asked = Promise.withResolvers<undefined>()
    const answer = Promise.withResolvers<boolean>()
    const served: ServedRoot = { readers: async () => {
      asked.resolve(undefined)
      return await answer.promise
    }, embargoed: false, bytes: dag.bytes, access: 'restricted', statements: [] }
    let now: ServedRoot = served
    const server = await startServer(101, [dag], blocks, {}, { lookUp: () => now })
    const { stream, pieces } = await openTo(server)
    stream.send(requestFor(dag.root))
    await asked.promise
    now = { ...served, readers: [] }
    answer.resolve(true)
    expect((await readAnswer(pieces)).answers[0]).toMatchObject({ header: { status: 'not-available' } })
    expect(blocks.gets).toEqual([])
  })

  it('keeps what it sends until the answer has ended, and nothing that it refuses', async () => {
    const dag = flatDag(3, 100)
    const blocks = new MemoryBlocks(dag)
    let kept = 0
    const during: number[] = []
    const get = async (cid: CID): Promise<Uint8Array> => {
      during.push(kept)
      return await blocks.get(cid)
    }
    const keep = (): Disposable => {
      kept++
      return { [Symbol.dispose]: () => { kept-- } }
    }
    const rules = { keep, embargoed: false }
    const server = await startServer(101, [dag], { get }, rules)
    const { stream, pieces } = await openTo(server)
    stream.send(requestFor(dag.root))
    await readAnswer(pieces)
    expect(during).toEqual(dag.blocks.map(() => 1))
    await expect.poll(() => kept).toBe(0)
    const hidden = await startServer(103, [dag], { get }, { ...rules, embargoed: true })
    const refused = await openTo(hidden, 104)
    refused.stream.send(requestFor(dag.root))
    await readAnswer(refused.pieces)
    expect(during).toHaveLength(dag.blocks.length)
  })

  it('does not serve a block that is not a root it was told of', async () => {
    const dag = flatDag(3, 10)
    const server = await startServer(101, [dag], new MemoryBlocks(dag))
    const { stream, pieces } = await openTo(server)
    stream.send(requestFor(dag.blocks[1]?.cid ?? dag.root))
    expect((await readAnswer(pieces)).answers).toMatchObject([{ header: { status: 'not-available' } }])
  })

  it.each([
    ['is missing', 5],
    ['is damaged', 2]
  ])('says that the rest is not available when a block %s, and goes on serving', async (what, at) => {
    const dag = flatDag(8, 100)
    const blocks = new MemoryBlocks(dag)
    const bad = dag.blocks[at]?.cid
    const get = async (cid: CID): Promise<Uint8Array> => {
      if (what === 'is damaged' && cid.equals(bad)) throw new CorruptBlockError('it does not hash')
      return await blocks.get(cid)
    }
    if (bad !== undefined && what === 'is missing') blocks.delete(bad)
    const server = await startServer(101, [dag], { get })
    const { stream, pieces } = await openTo(server)
    for (let round = 0; round < 2; round++) {
      stream.send(requestFor(dag.root))
      const { answers } = await readAnswer(pieces)
      expect(answers.at(-1)).toEqual({ type: 'end', status: 'not-available' })
      expect(blocksOf(answers)).toEqual(dag.blocks.slice(0, at).map(({ cid }) => cid.toString()))
    }
    await server.lines.until('cannot be served whole')
  })

  it.each([
    ['garbage', Uint8Array.of(3, 0xff, 0xff, 0xff)],
    ['a request that is too large', encodeVarint(requestBytesMax + 1)],
    ['a root that is no CID', Uint8Array.of(3, 0x0a, 1, 9)],
    ['an interval that is not in order', requestFor(leaf('x').cid, { from: [2], to: [1] })]
  ])('calls %s a bad request, and closes the stream', async (_, bytes) => {
    const server = await startServer(101, [], new MemoryBlocks())
    const { stream, pieces } = await openTo(server)
    stream.send(bytes)
    expect((await readAnswer(pieces)).answers).toMatchObject([{ header: { status: 'bad-request' } }])
    expect(await pieces.next(5000, late)).toBeUndefined()
  })

  it('holds a few megabytes for a reader that reads nothing, whatever it asked for', async () => {
    const dag = flatDag(64, 1 << 20)
    const blocks = new MemoryBlocks(dag)
    const server = await startServer(101, [dag], blocks)
    const { stream } = await openTo(server)
    stream.pause()
    stream.send(requestFor(dag.root))
    let last = -1
    await expect.poll(() => {
      const before = last
      last = blocks.gets.length
      return last > 1 && last === before
    }, { timeout: 5000, interval: 200 }).toBe(true)
    const window = 256 * 1024
    const held = serveReadAheadBytesMax + 2 * sendBytesTarget + (1 << 20) + window + receiveQueueBytesMax
    expect((blocks.gets.length - 1) << 20).toBeLessThanOrEqual(held + (2 << 20))
  })

  it('holds no more for a peer that asks for much at once and reads nothing', async () => {
    const dag = flatDag(64, 1 << 18)
    const blocks = new MemoryBlocks(dag)
    const server = await startServer(101, [dag], blocks)
    const client = await startPeer(102)
    const peer = await client.connect(server.dialled)
    const streams = await Promise.all(Array.from({ length: 30 }, async () => await client.openStream(peer, dagProtocol)))
    for (const stream of streams) {
      stream.pause()
      stream.send(requestFor(dag.root))
    }
    let last = -1
    await expect.poll(() => {
      const before = last
      last = blocks.gets.length
      return last > answersPerPeerMax && last === before
    }, { timeout: 15_000, interval: 500 }).toBe(true)
    const ofEach = 2 * sendBytesTarget + receiveQueueBytesMax + (2 << 18)
    expect(blocks.gets.length << 18).toBeLessThanOrEqual(serveBytesPerPeerMax + answersPerPeerMax * ofEach)
  })

  it('sends no faster than it may', async () => {
    const dag = flatDag(64, 1 << 10)
    const server = await startServer(101, [dag], new MemoryBlocks(dag), {}, { upload: new RateLimit(1 << 16, { now: () => performance.now() }) })
    const { stream, pieces } = await openTo(server)
    const startedAt = performance.now()
    stream.send(requestFor(dag.root))
    const { answers } = await readAnswer(pieces)
    expect(blocksOf(answers)).toHaveLength(65)
    // No timer fires early, and only the first turn waits for nothing.
    expect(performance.now() - startedAt).toBeGreaterThan(700)
  })

  it('stops reading when the client cancels', async () => {
    const dag = flatDag(64, 1 << 20)
    const blocks = new MemoryBlocks(dag)
    const server = await startServer(101, [dag], blocks)
    const { stream, pieces } = await openTo(server)
    stream.send(requestFor(dag.root))
    await pieces.next(5000, late)
    stream.abort(new Error('enough'))
    let last = -1
    await expect.poll(() => {
      const before = last
      last = blocks.gets.length
      return last === before
    }, { timeout: 5000, interval: 200 }).toBe(true)
    expect(blocks.gets.length).toBeLessThan(40)
    expect(server.lines.all.filter(line => line.includes('failed'))).toEqual([])
  })
})
