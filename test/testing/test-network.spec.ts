import { describe, expect, it } from 'vitest'
import { createTestNetwork } from '../../src/testing/test-network.ts'
import type { DataNode } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }

describe('createTestNetwork', () => {
  it('connects every node to every other', async () => {
    const network = await createTestNetwork({ nodes: 3 })
    for (const node of network.nodes) expect(node.health()).toMatchObject({ ok: true, routers: [{ state: 'connected' }, { state: 'connected' }] })
    await network.stop()
  })

  it('keeps two networks apart', async () => {
    const networks = await Promise.all([createTestNetwork({ nodes: 2 }), createTestNetwork({ nodes: 2 })])
    const [a, b] = networks
    const task = await a.nodes[0]?.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    await expect(b.nodes[0]?.open(task?.cid ?? '')).rejects.toMatchObject({ name: 'UnavailableError' })
    await Promise.all(networks.map(async network => { await network.stop() }))
  })

  it('delays what is sent', async () => {
    const network = await createTestNetwork({ nodes: 2, latencyMs: 20 })
    const [a, b] = network.nodes
    const task = await a?.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    expect((await b?.fetchTaskBundle(task?.cid ?? ''))?.prompt).toBe('p')
    await network.stop()
  })

  it('gives its storage options to every node', async () => {
    const network = await createTestNetwork({ nodes: 2, storage: { quota: '20 MiB', quotaFiles: 100 } })
    for (const node of network.nodes) expect(node.health().disk.limit).toEqual({ bytes: 20 * 1024 * 1024, files: 100 })
    await network.stop()
  })

  it('delivers a result that is confirmed', async () => {
    const network = await createTestNetwork({ nodes: 3, latencyMs: 5 })
    const [router, miner] = network.nodes as [DataNode, DataNode]
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: [miner.address] })
    const result = await miner.publishResult({ task: await miner.fetchTaskBundle(task.urn), taskId: '0', output: 'o' }, { reveal: 'now', confirm: 1 })
    expect(await Array.fromAsync(router.list({ kind: 'result' }))).toMatchObject([{ cid: result.cid.toString(), held: true }])
    expect(await result.confirm(1)).toEqual([router.address])
    await network.stop()
  })

  it.each([undefined, null, { nodes: '2' }, { nodes: 2, storage: { quota: 5 } }, { nodes: 2, storage: null }, { nodes: 2, latencyMs: -1 }, { nodes: 2, latencyMs: 'x' }, { nodes: 2, logger: 5 }])('refuses %j', async init => {
    await expect(createTestNetwork(init as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it.each([0, 1, 65, 1.5, Number.NaN])('refuses %d nodes', async nodes => {
    await expect(createTestNetwork({ nodes })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })
})
