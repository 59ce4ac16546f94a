import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { identityOf, loopback } from '../network/support.ts'
import { startProgram } from '../store/children.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'
import type { Child } from '../store/children.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const keyOf = (n: number): string => n.toString(16).padStart(64, '0')

describe('a result that routers confirm', () => {
  let home: string
  const nodes: DataNode[] = []
  const boot = async (n: number, init: Partial<DataNodeInit> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home, privateKey: keyOf(n), ...init })
    nodes.push(node)
    return node
  }
  const bootRouter = async (n: number, init: Partial<DataNodeInit> = {}): Promise<DataNode & { at: string }> => {
    const node = await boot(n, { listen: loopback, ...init })
    return Object.assign(node, { at: `${node.address}@127.0.0.1:${/\/tcp\/(\d+)/.exec(node.multiaddrs[0] ?? '')?.[1] ?? ''}` })
  }

  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'confirm-')) })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
    await rm(home, { recursive: true })
  })

  /** A router with a task for a miner that opens no port. */
  async function assign (
    init: Partial<DataNodeInit> = {}
  ): Promise<{ router: DataNode & { at: string }, miner: DataNode, task: TaskBundle, assigned: TaskBundle }> {
    const router = await bootRouter(101, init)
    const miner = await boot(102, { routers: [router.at] })
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: [miner.address] })
    await miner.ready()
    return { router, miner, task, assigned: await miner.fetchTaskBundle(task.urn) }
  }

  it('is delivered, although its miner loses its disk at once', async () => {
    const { router, miner, task, assigned } = await assign()
    const files = [{ name: 'chart.png', bytes: new Uint8Array(3_000_000).fill(5) }]
    const { urn } = await miner.publishResult({ task: assigned, taskId: '0', output: { text: 'x' }, files }, { reveal: 'now', confirm: 1 })
    await miner.stop()
    await rm(join(home, miner.address), { recursive: true })

    const expected = { task, taskId: '0', miner: miner.address }
    const result = await router.fetchResult(urn, expected)
    expect(result.output).toEqual({ text: 'x' })
    const [listed] = await Array.fromAsync(router.list({ kind: 'result' }))
    expect(listed).toMatchObject({ origin: 'fetched', held: true, holds: [{ owner: 'offered' }] })
    // What the router names as its reader gets it from there.
    const oracle = await boot(103, { routers: [router.at] })
    await oracle.ready()
    await expect(oracle.open(urn)).rejects.toMatchObject({ name: 'UnavailableError' })
    await result.setReaders([oracle.address])
    await task.setReaders([miner.address, oracle.address])
    const read = await oracle.fetchResult(urn, { ...expected, task: await oracle.fetchTaskBundle(task.urn) })
    expect((await read.bytes('outputs/chart.png')).length).toBe(3_000_000)
  })

  it('waits with reveal() for the router, and is confirmed at once when it is asked again', async () => {
    const { router, miner, assigned } = await assign()
    const result = await miner.publishResult({ task: assigned, taskId: '0', output: 'x' }, { reveal: 'later' })
    await expect(result.confirm(1)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await result.reveal({ confirm: 1 })
    expect(await Array.fromAsync(router.list({ kind: 'result' }))).toMatchObject([{ cid: result.cid.toString(), held: true }])
    expect(await result.confirm(1)).toEqual([router.address])
    const found = await miner.result({ ...session, taskId: '0' }) as ResultBundle
    expect(await found.confirm(1)).toEqual([router.address])
  })

  it('is held by the router that comes back after it was killed while it fetched', async () => {
    const start = async (port: string): Promise<Child> =>
      await startProgram([join(import.meta.dirname, 'router-child.ts'), join(home, 'router'), keyOf(104), port, identityOf(102).address])
    const killed = await start('0')
    await killed.printed(2)
    const [at = '', urn = ''] = killed.lines.map(line => line.slice(line.indexOf(' ') + 1))
    // What it sends takes so long that it is still on its way when the router is killed.
    const slow = await boot(102, { routers: [at], uploadBytesPerSecond: 2_000_000 })
    const task = await slow.fetchTaskBundle(urn)
    const files = [{ name: 'a', bytes: new Uint8Array(2_000_000).fill(9) }]
    const confirming = slow.publishResult({ task, taskId: '0', output: 'o', files }, { reveal: 'now', confirm: 1 })
    await killed.printed(3)
    expect(killed.lines[2]).toContain('offer: takes')
    await killed.kill()
    const [again] = await Promise.all([start(at.slice(at.lastIndexOf(':') + 1)), expect(confirming).resolves.toMatchObject({ revealed: true })])
    await again.printed(4)
    expect(killed.lines).toHaveLength(3)
    expect(again.lines.filter(line => line.startsWith('offer:'))).toEqual([
      expect.stringContaining('takes'), expect.stringContaining('is held')
    ])
  })

  it.each(['router', 'miner'] as const)('is not confirmed, and nothing of it is kept, when the %s stops while it is fetched', async stopping => {
    const taking = Promise.withResolvers<undefined>()
    const logger = (line: string): void => { if (line.startsWith('offer: takes')) taking.resolve(undefined) }
    const { router, miner, assigned } = await assign({ logger })
    await miner.stop()
    // What it sends takes longer than all that happens meanwhile, on whatever machine.
    const slow = await boot(102, { routers: [router.at], uploadBytesPerSecond: 250_000 })
    await slow.ready()
    const task = await slow.fetchTaskBundle(assigned.urn)
    const files = [{ name: 'a', bytes: new Uint8Array(2_000_000).fill(9) }]
    // A router that is gone may come back, and is waited for until the time is over.
    const patience = stopping === 'router' ? { confirmTimeoutMs: 5_000 } : {}
    const publishing = slow.publishResult({ task, taskId: '0', output: 'o', files }, { reveal: 'now', confirm: 1, ...patience })
    const rejected = expect(publishing).rejects.toMatchObject({ name: stopping === 'router' ? 'NotConfirmedError' : 'StoppedError' })
    await taking.promise
    await { router, miner: slow }[stopping].stop()
    await rejected
    await router.stop()
    const again = await boot(101)
    expect(await Array.fromAsync(again.list({ kind: 'result' }))).toEqual([])
  })

  it('is taken twenty times at the same time', async () => {
    const { router, miner, assigned } = await assign()
    const tasks = [assigned]
    for (let i = 0; i < 3; i++) {
      const task = await router.publishTaskBundle({ session, prompt: `p${i}` }, { readers: [miner.address] })
      tasks.push(await miner.fetchTaskBundle(task.urn))
    }
    const results = await Promise.all(Array.from({ length: 20 }, async (_, i) =>
      await miner.publishResult({ task: tasks[i % 4] as TaskBundle, taskId: `${i}`, output: i }, { reveal: 'now', confirm: 1 })))
    const held = (await Array.fromAsync(router.list({ kind: 'result' }))).filter(({ held }) => held).map(({ cid }) => cid)
    expect(held.sort()).toEqual(results.map(({ cid }) => cid.toString()).sort())
  })

  it('is refused to a miner that is not assigned, for a task that anyone may read, and by a host that wants none', async () => {
    const { router, miner, task, assigned } = await assign()
    const open = await router.publishTaskBundle({ session, prompt: 'open' }, { readers: 'anyone' })
    const result = await miner.publishResult({ task: await miner.fetchTaskBundle(open.urn), taskId: '0', output: 'o' }, { reveal: 'now' })
    await expect(result.confirm(1)).rejects.toMatchObject({ details: { routers: [{ address: router.address, said: 'refused' }] } })
    await task.setReaders([])
    const late = miner.publishResult({ task: assigned, taskId: '1', output: 'o' }, { reveal: 'now', confirm: 1 })
    await expect(late).rejects.toMatchObject({ name: 'NotConfirmedError', details: { routers: [{ said: 'refused' }] } })
    await task.setReaders([miner.address])
    expect(await (await miner.result({ ...session, taskId: '1' }))?.confirm(1)).toEqual([router.address])

    const other = await bootRouter(105, { offers: { from: 'nobody' } })
    const assignedThere = await other.publishTaskBundle({ session, prompt: 'p' }, { readers: [miner.address] })
    await miner.stop()
    const moved = await boot(102, { routers: [other.at] })
    const there = await moved.fetchTaskBundle(assignedThere.urn)
    await expect(moved.publishResult({ task: there, taskId: '2', output: 'o' }, { reveal: 'now', confirm: 1 })).rejects.toMatchObject({
      details: { routers: [{ said: 'refused', reason: 'it did not ask for the result' }] }
    })
    expect((await Array.fromAsync(other.list({ kind: 'result' }))).length).toBe(0)
  })

  it('is not offered to a router that may not read it', async () => {
    const { router, miner, assigned } = await assign()
    const hidden = miner.publishResult({ task: assigned, taskId: '0', output: 'o' }, { reveal: 'now', readers: [], confirm: 1 })
    await expect(hidden).rejects.toMatchObject({ details: { routers: [{ address: router.address, said: 'not-a-reader' }] } })
    const result = await miner.result({ ...session, taskId: '0' }) as ResultBundle
    await result.setReaders([router.address])
    expect(await result.confirm(1)).toEqual([router.address])
  })

  it('is refused at its header when it is larger than the router takes, and nothing of it is kept', async () => {
    const { router, miner, assigned } = await assign({ offers: { bytesMax: 1_000_000 } })
    const files = [{ name: 'a', bytes: new Uint8Array(3_000_000).fill(1) }]
    const large = miner.publishResult({ task: assigned, taskId: '0', output: 'o', files }, { reveal: 'now', confirm: 1 })
    await expect(large).rejects.toMatchObject({
      details: { routers: [{ said: 'no-room', reason: expect.stringMatching(/announced \d{7} bytes; at most 1000000 may be fetched/) as string }] }
    })
    expect((await Array.fromAsync(router.list({ kind: 'result' }))).length).toBe(0)
  })

  it('is refused when it is another miner\'s, who delivered it first', async () => {
    const { router, miner, task, assigned } = await assign()
    const copier = await boot(106, { routers: [router.at] })
    await task.setReaders([miner.address, copier.address])
    const result = await miner.publishResult({ task: assigned, taskId: '0', output: 'o' }, { reveal: 'now', confirm: 1 })
    await copier.ready()
    const copy = await copier.importCar(result.exportCar(), { readers: 'anyone' }) as ResultBundle
    await expect(copy.confirm(1)).rejects.toMatchObject({ details: { routers: [{ said: 'not-accepted' }] } })
    expect((await Array.fromAsync(router.list({ kind: 'result' })))).toMatchObject([{ held: true, readers: [miner.address] }])
  })

  it('is wanted by as many routers as are there, and names the one that is down', async () => {
    const router = await bootRouter(101)
    const replica = await bootRouter(107, { offers: { from: ({ miner }) => miner === identityOf(102).address } })
    const miner = await boot(102, { routers: [router.at, replica.at] })
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: [miner.address] })
    await miner.ready()
    const answer = { task: await miner.fetchTaskBundle(task.urn), output: 'o' }
    // The second router is no publisher of the task: that it takes its results is said by its host, and that it may read them here.
    const readers = [router.address, replica.address]
    const both = await miner.publishResult({ ...answer, taskId: '0' }, { reveal: 'now', readers, confirm: 2 })
    expect((await both.confirm(2)).toSorted()).toEqual(readers.toSorted())
    await replica.stop()
    const one = miner.publishResult({ ...answer, taskId: '1' }, { reveal: 'now', readers, confirm: 2, confirmTimeoutMs: 1_500 })
    await expect(one).rejects.toMatchObject({
      details: { confirmedBy: [router.address], needed: 2, routers: expect.arrayContaining([
        expect.objectContaining({ router: replica.at, said: 'unreachable' }), expect.objectContaining({ router: router.at, said: 'held' })
      ]) as unknown }
    })
  })

  it('is published all the same when it is not waited for any more', async () => {
    const { router, miner, assigned } = await assign()
    await router.stop()
    const [controller, reason] = [new AbortController(), new Error('enough')]
    const published = Promise.withResolvers<undefined>()
    await miner.stop()
    const logger = (line: string): void => { if (line.startsWith('published result')) published.resolve(undefined) }
    const alone = await boot(102, { routers: [router.at], logger })
    const task = await alone.fetchTaskBundle(assigned.urn)
    const confirming = alone.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now', confirm: 1, signal: controller.signal })
    await published.promise
    controller.abort(reason)
    await expect(confirming).rejects.toBe(reason)
    expect(await Array.fromAsync(alone.list({ kind: 'result' }))).toHaveLength(1)
  })
})
