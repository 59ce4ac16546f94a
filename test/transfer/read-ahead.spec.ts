import { describe, expect, it } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { serveReadAheadBlocksMax, serveReadAheadBytesMax } from '../../src/limits.ts'
import { readAhead } from '../../src/transfer/read-ahead.ts'
import { deepDag, flatDag, MemoryBlocks } from '../format/dags.ts'
import type { CID } from 'multiformats/cid'
import type { DagInterval } from '../../src/format/dag-walk.ts'
import type { Dag } from '../format/dags.ts'

const signal = new AbortController().signal

async function read (dag: Dag, interval: DagInterval = {}): Promise<{ cids: string[], gets: string[] }> {
  const blocks = new MemoryBlocks(dag)
  const cids: string[] = []
  for await (const { cid, bytes } of readAhead(new DagWalk(dag.root, interval), async ({ cid }) => await blocks.get(cid), signal)) {
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
    for await (const { cid } of readAhead(new DagWalk(dag.root), async ({ cid }) => await blocks.get(cid), signal)) {
      expect(cid).toBeDefined()
      most = Math.max(most, blocks.started - ++consumed)
    }
    expect(most).toBeGreaterThan(2)
    expect(most).toBeLessThanOrEqual(allowed)
  })

  it('rejects at the block that cannot be read, after those before it', async () => {
    const dag = flatDag(10, 10)
    const blocks = new MemoryBlocks(dag)
    const missing = dag.blocks[4]
    if (missing !== undefined) blocks.delete(missing.cid)
    const seen: string[] = []
    await expect((async () => {
      for await (const { cid } of readAhead(new DagWalk(dag.root), async ({ cid }) => await blocks.get(cid), signal)) seen.push(cid.toString())
    })()).rejects.toThrow(NotStoredError)
    expect(seen).toEqual(dag.blocks.slice(0, 4).map(({ cid }) => cid.toString()))
  })
})
