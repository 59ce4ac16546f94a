import { describe, expect, it } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { plannedLeavesMax } from '../../src/limits.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { LeafPlan } from '../../src/transfer/leaf-plan.ts'
import { branch, dagOf, deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import type { DagInterval } from '../../src/format/dag-walk.ts'
import type { LeafRun } from '../../src/transfer/leaf-run.ts'
import type { Dag } from '../format/dags.ts'

/** Takes everything in pieces of so many bytes. */
async function takeAll (dag: Dag, bytes: number, init: Pick<DagInterval, 'from' | 'to'> = {}): Promise<LeafRun[]> {
  const sink = new BlockSink(dag.root, new MemoryBlocks(dag), { bytesMax: 1 << 30, signal: new AbortController().signal })
  const runs: LeafRun[] = []
  let change = Promise.withResolvers<undefined>()
  const plan = new LeafPlan(sink, {
    from: init.from ?? [], to: init.to, since: [], onChange: () => { change.resolve(undefined) }, onError: (error) => { change.reject(error) }
  })
  while (!plan.isDone) {
    const run = plan.take(bytes)
    if (run === undefined) {
      await change.promise
      change = Promise.withResolvers()
    } else {
      runs.push(run)
    }
  }
  await plan.settled()
  return runs
}

/** What a server sends for the requests of these runs. */
function answered (dag: Dag, intervals: readonly DagInterval[]): string[] {
  return intervals.flatMap((interval) => {
    const walk = new DagWalk(dag.root, interval)
    const cids: string[] = []
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      if (step.wanted) cids.push(step.cid.toString())
      else walk.supply(dag.blocks.find(({ cid }) => cid.equals(step.cid))?.bytes ?? new Uint8Array())
    }
    return cids
  })
}

const shared = Array.from({ length: 5 }, (_, index) => leaf(`shared ${index}`))
const own = Array.from({ length: 5 }, (_, index) => leaf(`own ${index}`))
const folder = branch(shared.slice(0, 3), 'folder')
const repetitive = dagOf(branch([folder, ...own.slice(0, 2), ...shared, folder, own[0]!, ...own, folder]), [folder, ...shared, ...own])

describe('LeafPlan', () => {
  it.each([
    ['nested directories', deepDag(3, 4), {}], ['one level', flatDag(40, 10), {}], ['a part', deepDag(3, 4), { from: [0, 2, 1], to: [2, 1] }],
    ['blocks in many places', repetitive, {}]
  ])('cuts the leaves of %s into requests that together bring each of them once', async (_, dag, interval) => {
    for (const bytes of [1, 1 << 19, 1 << 20, 1 << 30]) {
      const runs = await takeAll(dag, bytes, interval)
      expect(answered(dag, runs.map(run => run.request()))).toEqual(answered(dag, [{ ...interval, mode: 'leaves', since: [] }]))
      expect(runs.length > 1).toBe(bytes < 1 << 30)
    }
  })

  it('asks for no walk from the root where no block stands twice', async () => {
    for (const run of await takeAll(deepDag(3, 3), 1 << 20)) expect(run.request().since).toEqual(run.request().from)
  })

  it('knows only so many leaves at a time', async () => {
    const runs = await takeAll(flatDag(plannedLeavesMax + 100, 10), 1 << 30)
    expect(runs.map(run => run.ahead(Infinity).length + 1)).toEqual([plannedLeavesMax, 100])
  })

  it('says what it cannot read', async () => {
    const dag = deepDag(2, 2)
    const incomplete = { ...dag, blocks: dag.blocks.filter(({ cid }) => !cid.equals(dag.root)) }
    await expect(takeAll(incomplete, 1)).rejects.toThrow(NotStoredError)
  })
})
