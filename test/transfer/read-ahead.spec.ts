import { describe, expect, it } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { serveReadAheadBlocksMax, serveReadAheadBytesMax } from '../../src/limits.ts'
import { readAhead } from '../../src/transfer/read-ahead.ts'
import { branch, dagOf, deepDag, flatDag, leaf, MemoryBlocks, noise } from '../format/dags.ts'
import type { CID } from 'multiformats/cid'
import type { ReadBlock } from '../../src/transfer/read-ahead.ts'
import type { DagInterval } from '../../src/format/dag-walk.ts'
import type { Dag } from '../format/dags.ts'

const signal = new AbortController().signal

const reading = (blocks: MemoryBlocks): ReadBlock => async ({ cid }) => await blocks.get(cid)

async function * flat<T> (batches: AsyncIterable<readonly T[]>): AsyncGenerator<T> {
  for await (const batch of batches) yield * batch
}

async function read (dag: Dag, interval: DagInterval = {}): Promise<{ cids: string[], gets: string[] }> {
  const blocks = new MemoryBlocks(dag)
  const cids: string[] = []
  for await (const { cid, bytes } of flat(readAhead(new DagWalk(dag.root, interval), reading(blocks), signal))) {
    expect(dag.blocks.find(block => block.cid.equals(cid))?.bytes).toBe(bytes)
    cids.push(cid.toString())
  }
  return { cids, gets: blocks.gets }
}

/** Counts how many reads were started and not consumed yet. */
class CountingBlocks extends MemoryBlocks {
  started = 0

  override async get (cid: CID): Promise<Uint8Array> {
    this.started++
    return await super.get(cid)
  }
}

describe('readAhead', () => {
  it.each([
    ['a whole DAG', {}], ['an interval', { from: [1], to: [2, 1] }], ['inner blocks', { mode: 'inner' as const }], ['leaves', { mode: 'leaves' as const }]
  ])('gives the blocks of %s in the order of the walk', async (_, interval) => {
    const dag = deepDag(3, 3)
    const walk = new DagWalk(dag.root, interval)
    const expected: string[] = []
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      if (step.wanted) expected.push(step.cid.toString())
      walk.supply(dag.blocks.find(({ cid }) => cid.equals(step.cid))?.bytes ?? new Uint8Array())
    }
    expect((await read(dag, interval)).cids).toEqual(expected)
  })

  it('reads every block once, and none that is not needed', async () => {
    const dag = flatDag(50, 10)
    expect((await read(dag)).gets).toHaveLength(51)
    expect((await read(dag, { mode: 'inner' })).gets).toHaveLength(1)
  })

  it.each([
    ['small blocks', flatDag(200, 100), serveReadAheadBlocksMax],
    ['large blocks', flatDag(40, 1 << 20), serveReadAheadBytesMax >> 20]
  ])('starts several reads of %s and no more than allowed', async (_, dag, allowed) => {
    const blocks = new CountingBlocks(dag)
    let consumed = 0
    let most = 0
    for await (const batch of readAhead(new DagWalk(dag.root), reading(blocks), signal)) {
      most = Math.max(most, blocks.started - consumed)
      consumed += batch.length
    }
    expect(most).toBeGreaterThan(2)
    expect(most).toBeLessThanOrEqual(allowed)
  })

  it('gives at once what is read, while that is hurried, where the next block has to be waited for', async () => {
    const dag = flatDag(3, 10)
    const blocks = new MemoryBlocks(dag)
    const leaves = Promise.withResolvers<undefined>()
    let isHurried = true
    const read: ReadBlock = async ({ cid }) => {
      if (!cid.equals(dag.root)) await leaves.promise
      return await blocks.get(cid)
    }
    const batches = readAhead(new DagWalk(dag.root), read, signal, { isHurried: () => isHurried })
    const root = await batches.next()
    expect(root.value?.map(({ cid }) => cid.toString())).toEqual([dag.root.toString()])
    isHurried = false
    leaves.resolve(undefined)
    expect((await batches.next()).value).toHaveLength(3)
    expect((await batches.next()).done).toBe(true)
  })

  it('holds no more when large blocks come after small ones', async () => {
    const leaves = Array.from({ length: 60 }, (_, at) => leaf(noise(at < 40 ? 100 : 1 << 20, at)))
    const dag = dagOf(branch(leaves), leaves)
    const blocks = new MemoryBlocks(dag)
    let held = 0
    let most = 0
    const read: ReadBlock = async ({ cid }) => {
      const bytes = await blocks.get(cid)
      held += bytes.length
      most = Math.max(most, held)
      return bytes
    }
    for await (const batch of readAhead(new DagWalk(dag.root), read, signal)) {
      held -= batch.reduce((sum, { bytes }) => sum + bytes.length, 0)
    }
    expect(most).toBeGreaterThan(1 << 20)
    expect(most).toBeLessThanOrEqual(serveReadAheadBytesMax)
  })

  it('gives small blocks that were read many at a time', async () => {
    const dag = flatDag(200, 100)
    let batches = 0
    for await (const batch of readAhead(new DagWalk(dag.root), reading(new MemoryBlocks(dag)), signal)) batches += Math.sign(batch.length)
    expect(batches).toBeLessThan(201 / 8)
  })

  it('rejects at the block that cannot be read, after those before it', async () => {
    const dag = flatDag(10, 10)
    const blocks = new MemoryBlocks(dag)
    const missing = dag.blocks[4]
    if (missing !== undefined) blocks.delete(missing.cid)
    const seen: string[] = []
    await expect((async () => {
      for await (const { cid } of flat(readAhead(new DagWalk(dag.root), reading(blocks), signal))) seen.push(cid.toString())
    })()).rejects.toThrow(NotStoredError)
    expect(seen).toEqual(dag.blocks.slice(0, 4).map(({ cid }) => cid.toString()))
  })
})
