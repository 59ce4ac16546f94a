import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode, ForkedTrailError, StaleTrailError } from '../../src/index.ts'
import { decodeFork, verifyFork } from '../../src/verify.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const privateKey = '11'.repeat(32)

describe('a node whose router has seen its trail', () => {
  let directory: string
  let router: DataNode
  const nodes: DataNode[] = []
  const lines: string[] = []

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'witness-'))
    router = await start({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
  })
  afterEach(async () => {
    await Promise.all(nodes.splice(0).map(async node => { await node.stop() }))
    await rm(directory, { recursive: true })
  })

  async function start (init: Parameters<typeof createDataNode>[0]): Promise<DataNode> {
    const node = await createDataNode({ logger: line => { lines.push(line) }, ...init })
    nodes.push(node)
    return node
  }

  async function startMiner (home: string, routers = router.multiaddrs): Promise<DataNode> {
    return await start({ home: join(directory, home), privateKey, routers: [...routers] })
  }

  async function publish (node: DataNode, prompt: string): Promise<void> {
    await (await node.publishTaskBundle({ session, prompt }, { readers: 'anyone' })).close()
  }

  /** A copy of a repository, as a backup is one, or a second machine. */
  async function copy (from: string, to: string): Promise<void> {
    await cp(join(directory, from), join(directory, to), { recursive: true })
  }

  it('goes on with a trail that its router has seen, and is witnessed', async () => {
    const first = await startMiner('a')
    await first.ready()
    await publish(first, 'one')
    expect(await first.audit.checkpoint()).toMatchObject({ size: 1, witnesses: [router.address] })
    await first.stop()
    const second = await startMiner('a')
    await publish(second, 'two')
    expect(await second.audit.checkpoint()).toMatchObject({ size: 2, witnesses: [router.address] })
    expect(second.health().problems).toEqual([])
  })

  it('refuses to append to a restored backup, in this process and in a later one without a router, and publishes on', async () => {
    const first = await startMiner('a')
    await publish(first, 'one')
    await first.audit.checkpoint()
    await first.stop()
    await copy('a', 'backup')
    const longer = await startMiner('a')
    await publish(longer, 'two')
    expect((await longer.audit.checkpoint()).witnesses).toEqual([router.address])
    await longer.stop()

    const restored = await startMiner('backup')
    await publish(restored, 'three')
    await expect(restored.audit.checkpoint()).rejects.toThrow(StaleTrailError)
    expect(restored.health()).toMatchObject({ ok: false, problems: [{ code: 'TRAIL_STALE', severity: 'error' }] })
    await publish(restored, 'four')
    expect(await Array.fromAsync(restored.list())).toHaveLength(3)
    await restored.stop()

    const alone = await startMiner('backup', [])
    await expect(alone.audit.checkpoint()).rejects.toThrow(StaleTrailError)
    await alone.stop()
  })

  it('finds out that a second process has the same key and repository, and keeps the proof', async () => {
    const first = await startMiner('a')
    await publish(first, 'one')
    await first.audit.checkpoint()
    await first.stop()
    await copy('a', 'b')
    const one = await startMiner('a')
    await publish(one, 'two')
    expect((await one.audit.checkpoint()).witnesses).toEqual([router.address])
    await one.stop()
    // It never saw the router before it appended.
    const other = await startMiner('b', [])
    await publish(other, 'three')
    expect(await other.audit.checkpoint()).toMatchObject({ size: 2, witnesses: [] })
    await other.stop()

    const back = await startMiner('b')
    const error = await back.audit.checkpoint().catch((error: unknown) => error) as ForkedTrailError
    expect(error).toBeInstanceOf(ForkedTrailError)
    const fork = verifyFork(decodeFork(error.details['fork'] as Uint8Array))
    expect([fork.address, fork.earlier.size, fork.later.size]).toEqual([back.address, 2, 2])
    expect(back.health()).toMatchObject({ ok: false, problems: [{ code: 'TRAIL_FORKED', severity: 'error' }] })
    await back.stop()
    const alone = await startMiner('b', [])
    await publish(alone, 'four')
    await expect(alone.audit.checkpoint()).rejects.toThrow(ForkedTrailError)
  })

  it('goes on without a router that it can reach, and says that nobody has seen its trail', async () => {
    const node = await startMiner('a', ['/ip4/127.0.0.1/tcp/1'])
    await publish(node, 'one')
    expect(await node.audit.checkpoint()).toMatchObject({ size: 1, witnesses: [] })
    expect(node.health().problems.map(({ code }) => code)).toEqual(['ROUTER_UNREACHABLE', 'TRAIL_UNWITNESSED'])
  })

  it('has no witness and no problem when it has no router', async () => {
    const node = await startMiner('a', [])
    await publish(node, 'one')
    expect(await node.audit.checkpoint()).toMatchObject({ size: 1, witnesses: [] })
    expect(node.health().problems).toEqual([])
  })
})
