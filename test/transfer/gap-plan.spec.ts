import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NotStoredError } from '../../src/errors.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { plannedLeavesMax } from '../../src/limits.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { GapPlan } from '../../src/transfer/gap-plan.ts'
import { dags, reachable } from '../format/arbitraries.ts'
import { branch, dagOf, deepDag, flatDag, leaf, MemoryBlocks } from '../format/dags.ts'
import type { DagInterval, DagStep } from '../../src/format/dag-walk.ts'
import type { GapPlanInit } from '../../src/transfer/gap-plan.ts'
import type { WantedBlocks } from '../../src/transfer/provider-turn.ts'
import type { Block, Dag } from '../format/dags.ts'

/** How a plan is made, and of how many bytes its parts are. */
interface Way extends Partial<Pick<GapPlanInit, 'mode' | 'from' | 'to' | 'isPatchy' | 'below'>> {
  bytes?: number
}

/** Takes part after part, and lets a server of all of the DAG answer each; says which parts there were. */
async function fillAll (dag: Dag, into: MemoryBlocks, { bytes = 1 << 19, ...way }: Way = {}): Promise<WantedBlocks[]> {
  const sink = new BlockSink(dag.root, into, { bytesMax: 1 << 30, signal: new AbortController().signal })
  const parts: WantedBlocks[] = []
  let change = Promise.withResolvers<undefined>()
  const plan = new GapPlan(sink, {
    mode: 'all', from: [], to: undefined, since: [], isPatchy: true, below: 'all', ...way,
    onChange: () => { change.resolve(undefined) }, onError: (error) => { change.reject(error) }
  })
  while (!plan.isDone) {
    const part = plan.take(bytes)
    if (part === undefined) {
      await change.promise
      change = Promise.withResolvers()
      continue
    }
    parts.push(part)
    for (const { cid, bytes } of answered(dag, part.request())) part.accept(cid, bytes, 'server')
    expect(part.isComplete).toBe(true)
    plan.filled(part)
  }
  await plan.settled()
  await sink.settled()
  return parts
}

function stepsOf (dag: Dag, interval: DagInterval): DagStep[] {
  const walk = new DagWalk(dag.root, interval)
  const steps: DagStep[] = []
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    steps.push(step)
    walk.supply(bytesOf(dag, step))
  }
  return steps
}

function bytesOf (dag: Dag, { cid }: Pick<DagStep, 'cid'>): Uint8Array {
  return dag.blocks.find(block => block.cid.equals(cid))?.bytes ?? new Uint8Array()
}

/** What a server sends for a request. */
function answered (dag: Dag, interval: DagInterval): Block[] {
  return stepsOf(dag, interval).filter(({ wanted }) => wanted).map(step => ({ cid: step.cid, bytes: bytesOf(dag, step) }))
}

function texts (blocks: readonly Pick<Block, 'cid'>[]): string[] {
  return blocks.map(({ cid }) => cid.toString()).toSorted()
}

const shared = Array.from({ length: 5 }, (_, index) => leaf(`shared ${index}`))
const own = Array.from({ length: 5 }, (_, index) => leaf(`own ${index}`))
const folder = branch(shared.slice(0, 3), 'folder')
const repetitive = dagOf(branch([folder, ...own.slice(0, 2), ...shared, folder, own[0]!, ...own, folder]), [folder, ...shared, ...own])

const examples: [string, Dag, Way][] = [
  ['nested directories', deepDag(3, 4), {}], ['one level', flatDag(40, 10), {}], ['a part', deepDag(3, 4), { from: [0, 2, 1], to: [2, 1] }],
  ['blocks in many places', repetitive, {}]
]

describe('GapPlan', () => {
  it.each(examples)('cuts the leaves of %s into requests that together bring each of them once', async (_, dag, interval) => {
    const inner = dag.blocks.filter(({ cid }) => cid.code !== leaf('').cid.code)
    for (const bytes of [1, 1 << 19, 1 << 20, 1 << 30]) {
      const into = new MemoryBlocks({ blocks: inner })
      const parts = await fillAll(dag, into, { ...interval, bytes })
      expect(into.puts.toSorted()).toEqual(texts(answered(dag, { ...interval, mode: 'leaves', since: [] })))
      expect(parts.length > 1).toBe(bytes < 1 << 30)
    }
  })

  it('brings what is missing of any DAG once, and of what is there nothing but what is below it, in any of its ways', async () => {
    const ways = fc.record({ below: fc.constantFrom('all' as const, 'inner' as const), bytes: fc.constantFrom(1, 1 << 19, 1 << 30) })
    await fc.assert(fc.asyncProperty(dags, fc.array(fc.boolean(), { maxLength: 11 }), ways, async (dag, there, way) => {
      const present = reachable(dag.blocks.slice(0, 1), dag.blocks.filter((_, index) => there[index] === true))
        .filter((_, index) => index > 0 || there[0] === true)
      const missing = texts(dag.blocks.filter(({ cid }) => !present.some(block => block.cid.equals(cid))))
      const below = texts(reachable(dag.blocks.filter(({ cid }) => missing.includes(cid.toString())), dag.blocks))
      const into = new MemoryBlocks({ blocks: present })
      await fillAll(dag, into, way)
      expect(new Set(into.puts).size).toBe(into.puts.length)
      expect(into.puts).toEqual(expect.arrayContaining(missing))
      expect(below).toEqual(expect.arrayContaining(into.puts))
    }), { numRuns: 500 })
  })

  it('brings the missing inner blocks alone where no more is wanted', async () => {
    const dag = deepDag(2, 3)
    const into = new MemoryBlocks({ blocks: dag.blocks.filter(({ cid }) => cid.equals(dag.root)) })
    await fillAll(dag, into, { mode: 'inner' })
    expect(into.puts.toSorted()).toEqual(texts(answered(dag, { mode: 'inner' }).slice(1)))
  })

  it('asks for what is below a missing block at once, up to where something is there', async () => {
    const dag = deepDag(3, 2)
    const [first, , third] = stepsOf(dag, { mode: 'inner' }).slice(1)
    const into = new MemoryBlocks({ blocks: dag.blocks.filter(({ cid }) => [dag.root, third?.cid].some(there => there?.equals(cid))) })
    const parts = await fillAll(dag, into)
    expect(parts.map(part => part.request().to)).toEqual([third?.position, [2, 3]])
    expect(parts[0]?.request()).toMatchObject({ mode: 'all', since: [] })
    expect(first?.position).toEqual([0])
  })

  it('asks for all that is left where nothing else can be there', async () => {
    const dag = deepDag(3, 2)
    const into = new MemoryBlocks({ blocks: dag.blocks.filter(({ cid }) => cid.equals(dag.root)) })
    const has = into.has.bind(into)
    let looks = 0
    into.has = async (cid) => { looks++; return has(cid) }
    const parts = await fillAll(dag, into, { isPatchy: false, below: 'inner', bytes: 1 << 30 })
    expect(parts.map(part => part.request().mode)).toEqual(['inner', 'leaves'])
    // One for each block, and none to see where the gap ends.
    expect(looks).toBe(dag.blocks.length)
  })

  it('asks for no walk from the root where no block stands twice', async () => {
    const dag = deepDag(3, 3)
    const inner = dag.blocks.filter(({ cid }) => cid.code !== leaf('').cid.code)
    for (const part of await fillAll(dag, new MemoryBlocks({ blocks: inner }), { bytes: 1 << 20 })) {
      expect(part.request().since).toEqual(part.request().from)
    }
  })

  it('knows only so many leaves at a time', async () => {
    const dag = flatDag(plannedLeavesMax + 100, 10)
    const parts = await fillAll(dag, new MemoryBlocks({ blocks: dag.blocks.slice(0, 1) }), { bytes: 1 << 30 })
    expect(parts.map(part => part.bytes)).toEqual([plannedLeavesMax * 10, 1000])
  })

  it('says what it cannot read', async () => {
    const dag = deepDag(2, 2)
    await expect(fillAll(dag, new MemoryBlocks(), { from: [0, 1] })).rejects.toThrow(NotStoredError)
  })
})
