import { describe, expect, it } from 'vitest'
import { CorruptTransferError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { Frontier } from '../../src/transfer/frontier.ts'
import { branch, dagOf, deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import type { FrontierInit } from '../../src/transfer/frontier.ts'
import type { Dag } from '../format/dags.ts'

const { signal } = new AbortController()

async function start (dag: Dag, options: FrontierInit = {}, into = new MemoryBlocks()): Promise<Frontier> {
  const frontier = new Frontier(new BlockSink(dag.root, into, { bytesMax: 1 << 30, signal }), options)
  await frontier.start()
  return frontier
}

function feed (frontier: Frontier, dag: Dag, count = Infinity): void {
  for (let step = frontier.expected; step !== undefined && count > 0; step = frontier.expected, count--) {
    frontier.accept(step.cid, dag.blocks.find(({ cid }) => cid.equals(step.cid))?.bytes ?? new Uint8Array(), 'peer')
  }
}

describe('Frontier', () => {
  it('puts every block that comes as expected', async () => {
    const dag = deepDag(2, 4)
    const into = new MemoryBlocks()
    const frontier = await start(dag, {}, into)
    feed(frontier, dag)
    expect(into.size).toBe(dag.blocks.length)
    expect(frontier.bytes).toBe(dag.bytes)
  })

  it('hands on what is announced, where somebody takes it', async () => {
    const announced: number[] = []
    const into = Object.assign(new MemoryBlocks(), { expect: (bytes: number) => { announced.push(bytes) } })
    const dag = flatDag(1, 10)
    const [frontier, other] = await Promise.all([start(dag, {}, into), start(dag)])
    frontier.announce(5)
    other.announce(5)
    expect(announced).toEqual([5])
  })

  it('asks for what is missing, counting what has come', async () => {
    const dag = deepDag(2, 2)
    const frontier = await start(dag)
    expect(frontier.request()).toEqual({ root: dag.root, mode: 'all', from: [], to: undefined, since: [] })
    feed(frontier, dag, 3)
    expect(frontier.request()).toEqual({ root: dag.root, mode: 'all', from: [0, 1], to: undefined, since: [] })
    expect(frontier.isWhole).toBe(true)
  })

  it('says that an inner block has come, once it knows the leaves below, and nothing of leaves', async () => {
    const dag = deepDag(2, 2)
    const known: (string | undefined)[] = []
    const frontier: Frontier = await start(dag, { onInner: () => { known.push(frontier.expected?.cid.toString()) } })
    feed(frontier, dag)
    const inner = dag.blocks.filter(({ cid }) => cid.code === dag.root.code)
    expect(inner.length).toBeLessThan(dag.blocks.length)
    expect(known).toHaveLength(inner.length)
    expect(known).not.toContain(undefined)
  })

  it('ends sooner when it is cut, after the leaves that about so many bytes have room for', async () => {
    const dag = flatDag(6, 10)
    const frontier = await start(dag)
    expect(frontier.cut(1)).toBeUndefined()
    feed(frontier, dag, 2)
    for (const bytes of [50, 1000]) expect(frontier.cut(bytes)).toBeUndefined()
    expect(frontier).toMatchObject({ isCut: false, isWhole: true })
    expect([frontier.bytesLeft, frontier.leavesLeft]).toEqual([undefined, 5])
    expect(frontier.cut(29)).toEqual([3])
    expect(frontier).toMatchObject({ isCut: true, isWhole: false, bytesLeft: 20 })
    expect(frontier.request()).toEqual({ root: dag.root, mode: 'all', from: [1], to: [3], since: [] })
    feed(frontier, dag, 2)
    expect([frontier.isComplete, frontier.expected]).toEqual([true, undefined])
  })

  it('is not cut where something comes first of which nobody knows how large it is', async () => {
    const [a, b, c, d] = [leaf('a'), leaf('b'), leaf('c'), leaf('d')]
    const inner = [branch([a, b], '0'), branch([c, d], '1')]
    const dag = dagOf(branch(inner), [...inner, a, b, c, d])
    const frontier = await start(dag)
    feed(frontier, dag, 2)
    expect(frontier.expected?.position).toEqual([0, 0])
    expect(frontier.cut(1 << 30)).toBeUndefined()
    expect(frontier.isCut).toBe(false)
  })

  it('reads the blocks above an interval from where it puts the others', async () => {
    const dag = deepDag(2, 2)
    const into = new MemoryBlocks(dag)
    const frontier = await start(dag, { from: [1, 1], mode: 'all', to: [2] }, into)
    expect(into.gets).toHaveLength(2)
    expect(frontier.expected?.position).toEqual([1, 1])
    expect(frontier.request()).toMatchObject({ from: [1, 1], to: [2], since: [1, 1] })
    expect(frontier.isWhole).toBe(false)
  })

  it('refuses another block, wrong bytes, and a block after the last, and puts none of them', async () => {
    const dag = flatDag(1, 10)
    const into = new MemoryBlocks()
    const frontier = await start(dag, {}, into)
    const other = leaf('other')
    expect(() => { frontier.accept(other.cid, other.bytes, 'liar') }).toThrow(CorruptTransferError)
    expect(() => { frontier.accept(dag.root, other.bytes, 'liar') }).toThrow(/^liar sent 5 bytes as block .* that do not hash to it$/)
    feed(frontier, dag)
    expect(() => { frontier.accept(other.cid, other.bytes, 'liar') }).toThrow(CorruptTransferError)
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
  })

  it('counts as there what is before its start, when it is told since when', async () => {
    const shared = leaf('shared')
    const dag = dagOf(branch([shared, leaf('a'), shared, leaf('b')]), [shared, leaf('a'), leaf('b')])
    const own = await start(dag, { from: [1] }, new MemoryBlocks(dag))
    feed(own, dag)
    expect(own.bytes).toBe(shared.bytes.length + 2)
    const later = await start(dag, { from: [1], since: [] }, new MemoryBlocks(dag))
    expect(later.request()).toMatchObject({ from: [1], since: [] })
    feed(later, dag)
    expect(later.bytes).toBe(2)
  })

  it('is complete when enough has come, and asks for no more than that', async () => {
    const dag = flatDag(4, 100)
    const frontier = await start(dag, { enoughBytes: dag.bytes - 150 })
    expect(frontier.isWhole).toBe(false)
    expect(frontier.request().enoughBytes).toBe(dag.bytes - 150)
    feed(frontier, dag, 3)
    expect(frontier.isComplete).toBe(false)
    expect(frontier.request().enoughBytes).toBe(50)
    feed(frontier, dag, 1)
    expect(frontier.isComplete).toBe(true)
    expect(frontier.expected).toBeDefined()
  })

  it('is complete when an answer ends with less than that, and has something', async () => {
    const dag = flatDag(4, 100)
    const [limited, whole] = [await start(dag, { enoughBytes: 1 << 20 }), await start(dag)]
    expect(limited.end()).toBe(false)
    feed(limited, dag, 1)
    expect(limited.isComplete).toBe(false)
    expect(limited.end()).toBe(true)
    expect(limited.isComplete).toBe(true)
    feed(whole, dag, 1)
    expect(whole.end()).toBe(false)
  })

  it('goes on with a walk that stands at the first missing block', async () => {
    const dag = deepDag(2, 2)
    const into = new MemoryBlocks()
    const walk = new DagWalk(dag.root)
    walk.next()
    walk.supply(dag.blocks[0]!.bytes)
    const step = walk.next()!
    const at = { walk: walk.fork({ to: [1] }), step }
    const frontier = new Frontier(new BlockSink(dag.root, into, { bytesMax: 1 << 30, signal }), { from: [0], to: [1], since: [], at })
    expect(frontier.request()).toEqual({ root: dag.root, mode: 'all', from: [0], to: [1], since: [] })
    feed(frontier, dag)
    expect(into.puts).toHaveLength(3)
    expect(into.gets).toEqual([])
  })

  it('knows what is likely to come', async () => {
    const dag = flatDag(4, 10)
    const frontier = await start(dag)
    feed(frontier, dag, 1)
    expect(frontier.ahead(2).map(String)).toEqual(dag.blocks.slice(2, 4).map(({ cid }) => cid.toString()))
  })
})
