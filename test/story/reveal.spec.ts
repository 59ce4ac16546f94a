import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { revealCheckMs } from '../../src/limits.ts'
import { loopback } from '../network/support.ts'
import type { ResultBundle } from '../../src/interface/bundle.ts'
import type { BundleInfo, DataNode, DataNodeInit, PublishResultOptions } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const task = { ...session, taskId: '0' }

describe('a result that is revealed after its miner started again', () => {
  let home: string
  const nodes: DataNode[] = []
  const boot = async (init: Partial<DataNodeInit> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home, privateKey: '11'.repeat(32), ...init })
    nodes.push(node)
    return node
  }
  const answer = async (node: DataNode, options: PublishResultOptions): Promise<ResultBundle> => {
    const task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    return await node.publishResult({ task, taskId: '0', output: 'o' }, options)
  }
  const hidden = async (node: DataNode): Promise<BundleInfo[]> => Array.fromAsync(node.list({ revealed: false }))

  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'reveal-')) })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
    await rm(home, { recursive: true })
  })

  it('is found by its task, revealed by its URN, and held by a router before that resolves', async () => {
    const router = await boot({ privateKey: '22'.repeat(32), listen: loopback, offers: { from: () => true } })
    const first = await boot()
    const { urn } = await answer(first, { reveal: 'later', readers: 'anyone' })
    await first.stop()
    const second = await boot({ routers: router.multiaddrs })
    expect(await hidden(second)).toHaveLength(1)
    await expect(second.reveal(urn, { confirm: 2 })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    expect(await hidden(second)).toHaveLength(1)
    await second.reveal(urn, { confirm: 1 })
    expect(await hidden(second)).toEqual([])
    expect(await Array.fromAsync(router.list({ kind: 'result' }))).toMatchObject([{ holds: [{ owner: 'offered' }] }])
  })

  it('reveals itself when it is due at the start, and not before', async () => {
    const first = await boot()
    const at = Date.now() + 1_000
    const { urn } = await answer(first, { reveal: new Date(at) })
    await first.stop()
    let second = await boot()
    // On a slow machine it is due by now.
    for (; (await hidden(second)).length > 0; second = await boot()) {
      expect((await second.result(task))?.urn).toBe(urn)
      await second.stop()
    }
    expect(Date.now()).toBeGreaterThanOrEqual(at)
    expect((await second.result(task))?.revealed).toBe(true)
    await second.stop()
    expect((await (await boot()).result(task))?.revealed).toBe(true)
  })

  it('stays hidden until its time, which is kept, and leaves no timer when the node stops', async () => {
    const at = Date.now() + 3_600_000
    const first = await boot()
    await answer(first, { reveal: new Date(at) })
    await first.stop()
    const [set, cleared] = [vi.spyOn(globalThis, 'setTimeout'), vi.spyOn(globalThis, 'clearTimeout')]
    onTestFinished(() => { vi.restoreAllMocks() })
    const second = await boot()
    expect(await hidden(second)).toMatchObject([{ revealAt: at }])
    const waiting = set.mock.calls.flatMap(([, ms], call) => ms === revealCheckMs ? [set.mock.results[call]?.value as NodeJS.Timeout] : [])
      .filter(timer => !timer.hasRef())
    expect(waiting).toHaveLength(1)
    await second.stop()
    expect(cleared.mock.calls.map(([timer]) => timer)).toContain(waiting[0])
  })

  it('is called off by saying that it is to be revealed later, and revealed by saying now', async () => {
    const node = await boot()
    await answer(node, { reveal: new Date(Date.now() + 3_600_000) })
    await answer(node, { reveal: 'later' })
    expect((await hidden(node))[0]).not.toHaveProperty('revealAt')
    await answer(node, { reveal: 'now' })
    expect(await hidden(node)).toEqual([])
  })

  it('is no place for confirm when it is published', async () => {
    const node = await boot({ routers: ['/ip4/127.0.0.1/tcp/1'] })
    await expect(answer(node, { reveal: new Date(Date.now() + 3_600_000), confirm: 1 })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('refuses to reveal what is not a result, or not there', async () => {
    const node = await boot()
    const published = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    await expect(node.reveal(published.urn)).rejects.toMatchObject({ name: 'WrongKindError' })
    await expect(node.reveal('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')).rejects.toMatchObject({ name: 'NotStoredError' })
    await expect(node.reveal('x')).rejects.toMatchObject({ name: 'InvalidReferenceError' })
  })
})
