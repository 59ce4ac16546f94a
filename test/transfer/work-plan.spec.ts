import { describe, expect, it } from 'vitest'
import { cutWindowBytes, fetchWindowBytesMax, firstWindowBytes, splitBytesMin, streamWindowBytesMax, windowShareStepBytes } from '../../src/limits.ts'
import { BlockSink } from '../../src/transfer/block-sink.ts'
import { Provider } from '../../src/transfer/provider.ts'
import { WorkPlan } from '../../src/transfer/work-plan.ts'
import { branch, dagOf, flatDag, leaf, MemoryBlocks, noise } from '../format/dags.ts'
import type { Dag } from '../format/dags.ts'
import type { WantedBlocks } from '../../src/transfer/provider-turn.ts'

const now = (): number => 0

function provider (name: string): Provider {
  return new Provider(name, { now, fetchStartedAt: 0 })
}

const alone = { isShared: false, live: [provider('a')] }
const shared = { isShared: true, live: [provider('a'), provider('b')] }

async function start (dag: Dag, from?: readonly number[]): Promise<{ plan: WorkPlan, changed: () => Promise<void> }> {
  let change = Promise.withResolvers<undefined>()
  const { signal } = new AbortController()
  const sink = new BlockSink(dag.root, new MemoryBlocks(...from === undefined ? [] : [dag]), { bytesMax: 1 << 30, signal })
  const plan = new WorkPlan(sink, from === undefined ? {} : { from }, {
    onChange: () => { change.resolve(undefined) }, onError: (error) => { change.reject(error) }
  })
  await plan.start()
  const changed = async (): Promise<void> => {
    await change.promise
    change = Promise.withResolvers()
  }
  return { plan, changed }
}

function feed (wanted: WantedBlocks, dag: Dag, count = Infinity): void {
  for (let step = wanted.expected; step !== undefined && count > 0; step = wanted.expected, count--) {
    wanted.accept(step.cid, dag.blocks.find(({ cid }) => cid.equals(step.cid))?.bytes ?? new Uint8Array(), 'peer')
  }
}

function largeDag (): Dag {
  const leaves = Array.from({ length: 24 }, (_, index) => leaf(noise(1 << 20, index)))
  const inner = [branch(leaves.slice(0, 12), '0'), branch(leaves.slice(12), '1')]
  return dagOf(branch(inner), [...inner, ...leaves])
}

describe('WorkPlan', () => {
  it('says at once that several may begin when leaves of something large are known, and not of something small', async () => {
    const dag = largeDag()
    for (const [announced, changes] of [[splitBytesMin + dag.bytes, 3], [splitBytesMin, 0]] as const) {
      let changed = 0
      const sink = new BlockSink(dag.root, new MemoryBlocks(), { bytesMax: 1 << 30, signal: new AbortController().signal })
      const plan = new WorkPlan(sink, {}, { onChange: () => { changed++ }, onError: () => {} })
      await plan.start()
      plan.announced(announced)
      feed(plan.take(provider('a'), [])!, dag)
      expect(changed).toBe(changes)
    }
  })

  it('is one part at first, which comes back when it was not brought whole', async () => {
    const dag = flatDag(4, 10)
    const { plan } = await start(dag)
    const front = plan.take(provider('a'), [])
    expect(front?.isWhole).toBe(true)
    expect(plan.take(provider('b'), [])).toBeUndefined()
    feed(front!, dag, 2)
    plan.returned(front!)
    expect(plan.isDone).toBe(false)
    expect(plan.take(provider('b'), [])).toBe(front)
    feed(front!, dag)
    plan.returned(front!)
    expect(plan.isDone).toBe(true)
  })

  it('is large when more is missing than one should bring', async () => {
    const dag = largeDag()
    const { plan } = await start(dag)
    const front = plan.take(provider('a'), [])!
    plan.announced(splitBytesMin)
    expect(plan.isLarge).toBe(false)
    plan.announced(splitBytesMin + 1)
    expect(plan.isLarge).toBe(true)
    feed(front, dag, 3)
    expect(plan.isLarge).toBe(false)
  })

  it('becomes inner blocks and then runs of leaves, without what had come', async () => {
    const dag = largeDag()
    const { plan, changed } = await start(dag)
    const front = plan.take(provider('a'), [])!
    plan.announced(dag.bytes)
    feed(front, dag, 12)
    await changed()
    expect(plan.retireFront()).toBe(front)
    expect(plan.retireFront()).toBeUndefined()
    expect(plan.isRetired(front)).toBe(true)
    plan.returned(front)
    await changed()
    const inner = plan.take(provider('a'), [])!
    expect(inner.request()).toMatchObject({ mode: 'inner', from: [1], since: [] })
    const runs: WantedBlocks[] = []
    for (let run = plan.take(provider('b'), []); run !== undefined; run = plan.take(provider('b'), [])) runs.push(run)
    expect(runs.reduce((sum, { bytesLeft = 0 }) => sum + bytesLeft, 0)).toBe(2 << 20)
    feed(inner, dag)
    plan.returned(inner)
    await changed()
    for (let run = plan.take(provider('a'), [provider('a')]); run !== undefined; run = plan.take(provider('a'), [provider('a')])) runs.push(run)
    expect(runs[0]?.request().from).toEqual([0, 10])
    expect(runs[1]?.bytesLeft).toBe(4 << 20)
    for (const run of runs) feed(run, dag)
    expect(plan.isDone).toBe(true)
    expect(runs.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(14 << 20)
    await plan.settled()
  })

  it('is cut after what is on its way, where leaves come after that, and nobody has to stop', async () => {
    const dag = largeDag()
    const { plan, changed } = await start(dag)
    const front = plan.take(provider('a'), [])!
    plan.announced(dag.bytes)
    // Nothing is known of what comes after its root yet.
    feed(front, dag, 1)
    expect([plan.retireFront(), plan.isSplit]).toEqual([undefined, false])
    feed(front, dag, 3)
    await changed()
    expect([plan.retireFront(), plan.isSplit, plan.isRetired(front)]).toEqual([undefined, true, false])
    expect(front).toMatchObject({ isCut: true, isWhole: false })
    expect(front.request()).toMatchObject({ from: [0, 2], to: [0, 4] })
    expect(front.bytesLeft).toBe(2 << 20)
    expect([plan.windowBytes(shared, provider('a'), front), plan.windowBytes(shared, provider('a'))]).toEqual([cutWindowBytes, fetchWindowBytesMax / 4])
    await changed()
    const parts: WantedBlocks[] = []
    const takeAll = (): void => {
      for (let part = plan.take(provider('b'), []); part !== undefined; part = plan.take(provider('b'), [])) parts.push(part)
    }
    takeAll()
    for (const part of parts) feed(part, dag)
    for (const part of parts) plan.returned(part)
    await changed()
    takeAll()
    for (const part of parts) feed(part, dag)
    // Whoever was to bring it is lost, and it comes back as any other part.
    plan.returned(front)
    expect([plan.isDone, plan.take(provider('b'), [])]).toEqual([false, front])
    feed(front, dag)
    plan.returned(front)
    expect(plan.isDone).toBe(true)
    expect([front, ...parts].reduce((sum, { bytes }) => sum + bytes, 0)).toBe(dag.bytes)
    await plan.settled()
  })

  it('is the gaps from the start where something is there', async () => {
    const dag = largeDag()
    const { signal } = new AbortController()
    const into = new MemoryBlocks({ blocks: dag.blocks.filter((_, index) => index !== 4 && index !== 5) })
    const callbacks = { onChange: () => {}, onError: () => {} }
    const plan = new WorkPlan(new BlockSink(dag.root, into, { bytesMax: 1 << 30, signal }), { bytesThere: dag.bytes - (2 << 20) }, callbacks)
    await plan.start()
    expect([plan.isDone, plan.isSplit, plan.isLarge]).toEqual([false, true, false])
    plan.announced(dag.bytes)
    const part = plan.take(provider('a'), [provider('a')])!
    feed(part, dag)
    expect(part.bytes).toBe(2 << 20)
    plan.returned(part)
    expect(plan.isDone).toBe(true)
  })

  it('gives nothing to who was silent while there is somebody else', async () => {
    const { plan } = await start(flatDag(4, 10))
    const silent = Object.assign(provider('silent'), { isSilent: true })
    expect(plan.take(silent, [silent, provider('a')])).toBeUndefined()
    expect(plan.take(silent, [silent])).toBeDefined()
  })

  it('lets little be sent ahead of what is small or may be split, and much of the rest', async () => {
    const dag = largeDag()
    const { plan } = await start(dag)
    expect(plan.windowBytes(alone, provider('a'))).toBe(streamWindowBytesMax)
    plan.announced(1000)
    expect(plan.windowBytes(alone, provider('a'))).toBe(firstWindowBytes)
    plan.announced(dag.bytes)
    expect(plan.windowBytes(shared, provider('a'))).toBe(firstWindowBytes)
    expect(plan.windowBytes(alone, provider('a'))).toBe(streamWindowBytesMax)
  })

  it('lets one of several send ahead what keeps its link busy, in steps, and asks it for more by then', async () => {
    const dag = largeDag()
    const { plan } = await start(dag)
    feed(plan.take(provider('a'), [])!, dag, 3)
    plan.announced(dag.bytes)
    plan.cutFront()
    await plan.settled()
    expect(plan.isSplit).toBe(true)
    const leafBytes = 1 << 20
    for (const [bytesAhead, window, ahead] of [
      // The next block begins before the last byte of this one has been taken.
      [1, leafBytes + windowShareStepBytes, leafBytes], [leafBytes + 1, leafBytes + windowShareStepBytes, leafBytes + 1],
      [leafBytes + windowShareStepBytes + 1, leafBytes + 2 * windowShareStepBytes, leafBytes + windowShareStepBytes + 1],
      [undefined, fetchWindowBytesMax / 4, firstWindowBytes], [1 << 30, fetchWindowBytesMax / 4, 1 << 30]
    ] as const) {
      const measured = Object.defineProperty(provider('a'), 'bytesAhead', { value: bytesAhead })
      expect([plan.windowBytes(shared, measured), plan.bytesAhead(measured)]).toEqual([window, ahead])
    }
    await plan.settled()
  })

  it('takes leaves for as large as what is missing of them, whatever came before the first large one', async () => {
    const [small, large] = [[leaf('a'), leaf('b')], Array.from({ length: 20 }, (_, index) => leaf(noise(1 << 20, index)))]
    const file = branch(large, 'file')
    const dag = dagOf(branch([...small, file], 'root'), [...small, file, ...large])
    const { plan } = await start(dag)
    const front = plan.take(provider('a'), [])!
    plan.announced(dag.bytes)
    feed(front, dag, 4)
    plan.cutFront()
    expect([plan.isSplit, front.request().to]).toEqual([true, [2, 2]])
    await plan.settled()
    const run = plan.take(provider('b'), [provider('a'), provider('b')])
    expect(run?.request()).toMatchObject({ mode: 'leaves', from: [2, 2], to: [2, 6] })
  })

  it('gives one of several less towards the end, and all that it can bring to one that is alone', async () => {
    const dag = flatDag(30, 1 << 20)
    const [a, b] = [provider('a'), provider('b')]
    for (const [live, sizes] of [[[a, b], [4, 4, 4, 4, 3, 2, 1, 1, 1, 1, 1, 1, 1]], [[a], [4, 4, 4, 4, 4, 4, 4]]] as const) {
      const { plan } = await start(dag)
      plan.announced(dag.bytes)
      feed(plan.take(a, [])!, dag, 1)
      plan.cutFront()
      await plan.settled()
      const runs: number[] = []
      for (let run = plan.take(a, live); run !== undefined; run = plan.take(a, live)) runs.push((run.bytesLeft ?? 0) / (1 << 20))
      expect(runs).toEqual(sizes)
    }
  })

  it('cuts anew what one provider was to bring and did not, and gives it first', async () => {
    const dag = flatDag(30, 1 << 20)
    const live = [provider('a'), provider('b')]
    const { plan } = await start(dag)
    plan.announced(dag.bytes)
    feed(plan.take(live[0]!, [])!, dag, 1)
    plan.cutFront()
    await plan.settled()
    const runs: WantedBlocks[] = []
    const takeAll = (): void => {
      for (let run = plan.take(live[0]!, live); run !== undefined; run = plan.take(live[0]!, live)) runs.push(run)
    }
    takeAll()
    const [, lost, other] = runs
    feed(lost!, dag, 1)
    plan.returned(lost!)
    expect([plan.isDone, runs.splice(1, 1)]).toEqual([false, [lost]])
    const count = runs.length
    takeAll()
    expect(runs.slice(count).map(run => run.request())).toMatchObject([7, 8, 9].map(at => ({ from: [at], to: [at + 1] })))
    feed(runs[0]!, dag, 1)
    plan.returned(other!)
    plan.returned(runs[0]!)
    const again = plan.take(live[0]!, [live[0]!])
    expect(again?.request()).toMatchObject({ from: [3], to: [6] })
    expect(plan.take(live[0]!, [live[0]!])?.request()).toMatchObject({ from: [10], to: [14] })
    expect(plan.isDone).toBe(true)
  })

  it('is done at once when nothing is missing', async () => {
    expect((await start(flatDag(2, 10), [7])).plan.isDone).toBe(true)
  })
})
