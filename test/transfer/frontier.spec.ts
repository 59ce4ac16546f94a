import { describe, expect, it } from 'vitest'
import { CorruptTransferError, LimitExceededError, StorageError } from '../../src/errors.ts'
import { putBytesMax } from '../../src/limits.ts'
import { Frontier } from '../../src/transfer/frontier.ts'
import { deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import type { FrontierOptions } from '../../src/transfer/frontier.ts'
import type { Dag } from '../format/dags.ts'

const { signal } = new AbortController()

async function start (dag: Dag, options: Partial<FrontierOptions> = {}, into = new MemoryBlocks()): Promise<Frontier> {
  const frontier = new Frontier(dag.root, into, { bytesMax: 1 << 30, ...options }, signal)
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
    await frontier.settled()
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
    await frontier.settled()
    expect(into.puts).toEqual(dag.blocks.map(({ cid }) => cid.toString()))
  })

  it('takes as many bytes as allowed and refuses one more', async () => {
    const dag = flatDag(3, 100)
    feed(await start(dag, { bytesMax: dag.bytes }), dag)
    const frontier = await start(dag, { bytesMax: dag.bytes - 1 })
    expect(() => { feed(frontier, dag) }).toThrow(LimitExceededError)
  })

  it('makes who feeds it wait while much is being put', async () => {
    const dag = flatDag(8, 1 << 20)
    const waiting: (() => void)[] = []
    const slow = Object.assign(new MemoryBlocks(), { put: () => new Promise<void>((resolve) => { waiting.push(resolve) }) })
    const frontier = await start(dag, {}, slow)
    feed(frontier, dag)
    let hasRoom = false
    const room = frontier.room().then(() => { hasRoom = true })
    for (let turn = 0; turn < 20; turn++) await Promise.resolve()
    expect(hasRoom).toBe(false)
    expect(dag.bytes).toBeGreaterThan(putBytesMax)
    for (const done of waiting.splice(0)) done()
    await room
    await frontier.settled()
  })

  it('rejects with what a put threw', async () => {
    const dag = flatDag(3, 10)
    const full = new StorageError('disk full')
    const frontier = await start(dag, {}, Object.assign(new MemoryBlocks(), { put: () => Promise.reject(full) }))
    feed(frontier, dag, 1)
    await expect(frontier.settled()).rejects.toBe(full)
    await expect(frontier.room()).rejects.toBe(full)
    expect(() => { feed(frontier, dag) }).toThrow(full)
    await frontier.idle()
  })

  it('knows what is likely to come', async () => {
    const dag = flatDag(4, 10)
    const frontier = await start(dag)
    feed(frontier, dag, 1)
    expect(frontier.ahead(2).map(String)).toEqual(dag.blocks.slice(2, 4).map(({ cid }) => cid.toString()))
  })
})
