import { describe, expect, it } from 'vitest'
import { CorruptTransferError, LimitExceededError, StorageError } from '../../src/errors.ts'
import { blockBytesMax, putBytesMax } from '../../src/limits.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { flatDag, leaf, MemoryBlocks, noise } from '../format/dags.ts'
import type { Dag } from '../format/dags.ts'

const { signal } = new AbortController()

function start (dag: Dag, into = new MemoryBlocks(), bytesMax = 1 << 30): BlockSink {
  return new BlockSink(dag.root, into, { bytesMax, signal })
}

function feed (sink: BlockSink, { blocks }: Dag, count = Infinity): void {
  for (const { cid, bytes } of blocks.slice(0, count)) {
    sink.verify(cid, cid, bytes, 'peer')
    sink.put(cid, bytes)
  }
}

describe('BlockSink', () => {
  it('puts what it is given, and counts it', async () => {
    const dag = flatDag(4, 100)
    const into = new MemoryBlocks()
    const sink = start(dag, into)
    feed(sink, dag)
    await sink.settled()
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
    expect(sink.bytes).toBe(dag.bytes)
    expect(sink.leafBytes).toBe(100)
  })

  it('waits for nothing where a block is there at once, and reads it from there', async () => {
    const dag = flatDag(Math.ceil(putBytesMax / blockBytesMax) + 1, blockBytesMax)
    const into = new MemoryBlocks(dag)
    const sink = start(dag, Object.assign(into, { put: () => undefined }))
    feed(sink, dag)
    expect([sink.room(), sink.bytes]).toEqual([undefined, dag.bytes])
    await sink.settled()
    expect(await sink.read(dag.root)).toEqual(dag.blocks[0]!.bytes)
    expect(into.gets).toEqual([dag.root.toString()])
  })

  it('expects of the leaves that are missing what is known of them, in place of what came', () => {
    const dag = flatDag(4, 100)
    const sink = start(dag)
    feed(sink, dag, 2)
    expect(sink.leafBytes).toBe(100)
    sink.foresee({ count: 3, bytes: 3_000 })
    expect(sink.leafBytes).toBe(1_000)
    const [, , next, last] = dag.blocks
    sink.verify(next?.cid, next!.cid, next!.bytes, 'peer')
    expect(sink.leafBytes).toBe(1_450)
    sink.foresee({ count: 1, bytes: 1 << 30 })
    expect(sink.leafBytes).toBe(blockBytesMax)
    sink.verify(last?.cid, last!.cid, last!.bytes, 'peer')
    expect(sink.leafBytes).toBe(100)
  })

  it('has room again when what was put has freed its memory', async () => {
    const blocks = Array.from({ length: 3 }, (_, n) => leaf(noise(putBytesMax, n)))
    const put = async (_: unknown, bytes: Uint8Array): Promise<void> => {
      await Promise.resolve()
      structuredClone(bytes.buffer, { transfer: [bytes.buffer as ArrayBuffer] })
    }
    const sink = start(flatDag(1, 1), Object.assign(new MemoryBlocks(), { put }))
    for (const { cid, bytes } of blocks) {
      sink.put(cid, bytes)
      await sink.room()
    }
    await sink.settled()
    expect(blocks.map(({ bytes }) => bytes.byteLength)).toEqual([0, 0, 0])
  })

  it('refuses another block, wrong bytes, too many bytes, and a block after the last', () => {
    const sink = start(flatDag(1, 10))
    const [block, other] = [leaf('block'), leaf('other')]
    expect(() => { sink.verify(block.cid, other.cid, other.bytes, 'liar') }).toThrow(CorruptTransferError)
    expect(() => { sink.verify(block.cid, block.cid, other.bytes, 'liar') }).toThrow(/^liar sent 5 bytes as block .* that do not hash to it$/)
    expect(() => { sink.verify(undefined, block.cid, block.bytes, 'liar') }).toThrow(/^liar sent block .* after the last one of/)
    const [most, large] = [leaf(noise(blockBytesMax, 1)), leaf(noise(blockBytesMax + 1, 1))]
    sink.verify(most.cid, most.cid, most.bytes, 'peer')
    expect(() => { sink.verify(large.cid, large.cid, large.bytes, 'liar') }).toThrow(CorruptTransferError)
    expect(sink.bytes).toBe(blockBytesMax)
  })

  it('takes as many bytes as allowed and refuses one more', () => {
    const dag = flatDag(3, 100)
    feed(start(dag, new MemoryBlocks(), dag.bytes), dag)
    expect(() => { feed(start(dag, new MemoryBlocks(), dag.bytes - 1), dag) }).toThrow(LimitExceededError)
  })

  it('makes who feeds it wait while much is being put', async () => {
    const dag = flatDag(8, 1 << 20)
    const waiting: (() => void)[] = []
    const sink = start(dag, Object.assign(new MemoryBlocks(), { put: () => new Promise<void>((resolve) => { waiting.push(resolve) }) }))
    expect(sink.room()).toBeUndefined()
    feed(sink, dag)
    let haveRoom = 0
    const rooms = [0, 1].map(async () => {
      await sink.room()
      haveRoom++
    })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(haveRoom).toBe(0)
    expect(dag.bytes).toBeGreaterThan(putBytesMax)
    for (const done of waiting.splice(0)) done()
    await Promise.all(rooms)
    expect(sink.room()).toBeUndefined()
    await sink.settled()
  })

  it('has a block that is still being put, and reads it without waiting for the disk', async () => {
    const dag = flatDag(2, 10)
    const into = new MemoryBlocks()
    const gate = Promise.withResolvers<undefined>()
    const slow = { get: into.get.bind(into), has: into.has.bind(into), put: async (...block: Parameters<MemoryBlocks['put']>) => {
      await gate.promise
      await into.put(...block)
    } }
    const sink = new BlockSink(dag.root, slow, { bytesMax: 1000, signal })
    feed(sink, dag, 2)
    const [, first, second] = dag.blocks
    expect([await sink.has(first!.cid), await sink.has(second!.cid)]).toEqual([true, false])
    expect([await sink.read(dag.root), into.gets]).toEqual([dag.blocks[0]?.bytes, []])
    gate.resolve(undefined)
    await sink.settled()
    expect([await sink.has(first!.cid), await sink.read(dag.root)]).toEqual([true, dag.blocks[0]?.bytes])
    expect(into.gets).toEqual([dag.root.toString()])
  })

  it('rejects with what a put threw', async () => {
    const dag = flatDag(3, 10)
    const full = new StorageError('disk full')
    const sink = start(dag, Object.assign(new MemoryBlocks(), { put: () => Promise.reject(full) }))
    feed(sink, dag, 1)
    await expect(sink.settled()).rejects.toBe(full)
    await expect(sink.room()).rejects.toBe(full)
    await expect(sink.read(dag.root)).rejects.toBe(full)
    expect(() => { feed(sink, dag) }).toThrow(full)
    await sink.idle()
  })
})
