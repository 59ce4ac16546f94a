import { describe, expect, it, onTestFinished } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { createTestNetwork } from '../../src/testing/index.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import type { Bundle } from '../../src/interface/bundle.ts'
import type { BundleInfo, DataNode, ListFilter } from '../../src/interface/data-node.ts'
import type { StorageOptions } from '../../src/interface/storage.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}`, sessionId: '7' } as const
const dayMs = 86_400_000
const mib = 1024 * 1024
const missing = 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354'
let seed = 0

async function start (storage: StorageOptions = {}): Promise<{ router: DataNode, miner: DataNode }> {
  const network = await createTestNetwork({ nodes: 2, storage })
  onTestFinished(async () => { await network.stop() })
  const [router, miner] = network.nodes
  return router !== undefined && miner !== undefined ? { router, miner } : expect.fail()
}

async function startOne (storage: StorageOptions = {}): Promise<DataNode> {
  const node = await createDataNode({ home: ':memory:', privateKey: '5a'.repeat(32), storage })
  onTestFinished(async () => { await node.stop() })
  return node
}

/** Publishes a dataset of this size that nobody holds, and closes its handle. */
async function dataset (node: DataNode, bytes: number, options: { retentionMs?: number } = { retentionMs: 0 }): Promise<string> {
  const bundle = await node.datasets.publish({ name: `d${++seed}`, version: '1.0.0', files: [{ name: 'x', bytes: generateBytes(seed, bytes) }] }, options)
  await bundle.close()
  return bundle.urn
}

async function list (node: DataNode, filter: ListFilter = {}): Promise<BundleInfo[]> {
  return await Array.fromAsync(node.list(filter))
}

async function close (...bundles: Bundle[]): Promise<void> {
  await Promise.all(bundles.map(async bundle => { await bundle.close() }))
}

describe('what stays on disk', () => {
  it('is what was published, as long as its kind stays, as the node says, or as is said', async () => {
    const router = await startOne({ retentionMs: { result: 60_000, dataset: 0, task: Infinity } })
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    await router.publishTaskBundle({ session, prompt: 'q' }, { readers: 'anyone', retentionMs: 1000 })
    await router.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now' })
    await router.publishResult({ task, taskId: '1', output: 'o' }, { reveal: 'now', retentionMs: 0 })
    await router.publishEvidence({ task, taskId: '0', verdicts: { verdicts: [], agreements: [] } })
    await dataset(router, 10, {})
    const seconds = (await list(router)).map(({ kind, holds: [hold], storedAt }) =>
      [kind, hold === undefined ? 0 : hold.until === undefined ? Infinity : Math.round((hold.until - storedAt) / 1000)])
    expect(seconds.toSorted()).toEqual([['dataset', 0], ['evidence', Infinity], ['result', 0], ['result', 60], ['task', 1], ['task', Infinity]])
  })

  it('is a task that was fetched, until it is answered', async () => {
    const { router, miner } = await start()
    const published = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    const task = await miner.fetchTaskBundle(published.urn)
    const [info] = await list(miner)
    expect(info).toMatchObject({ held: true, holds: [{ owner: 'unanswered' }] })
    expect(Math.round(((info?.holds[0]?.until ?? 0) - (info?.storedAt ?? 0)) / dayMs)).toBe(2)
    const result = await miner.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now' })
    await close(task, result)
    expect((await list(miner, { kind: 'task' })).map(({ held, holds }) => ({ held, holds }))).toEqual([{ held: false, holds: [] }])
    expect(await miner.collect()).toMatchObject({ bundles: 1 })
    expect((await list(miner)).map(({ kind }) => kind)).toEqual(['result'])
  })

  it('is a task that was fetched, until there is evidence on it', async () => {
    const { router, miner } = await start()
    const published = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    const task = await miner.fetchTaskBundle(published.urn, { hold: { owner: 'mine' } })
    await miner.publishEvidence({ task, taskId: '0', verdicts: { verdicts: [], agreements: [] } })
    expect((await list(miner, { kind: 'task' })).map(({ holds }) => holds)).toEqual([[{ owner: 'mine' }]])
  })

  it('is what was not revealed yet, whoever holds it', async () => {
    const router = await startOne()
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    const result = await router.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'later', retentionMs: 0 })
    await router.release(task.cid)
    await close(task, result)
    expect(await router.collect()).toMatchObject({ bundles: 1 })
    const found = await router.result({ ...session, taskId: '0' })
    await found?.reveal()
    await found?.close()
    expect(await router.collect()).toMatchObject({ bundles: 1 })
    expect(await list(router)).toEqual([])
  })

  it('is what a handle is open on, and no longer', async () => {
    const router = await startOne()
    const urn = await dataset(router, 3 * mib)
    const handles = [await router.open(urn), await router.datasets.fetch(urn)]
    for (const handle of handles) {
      expect(await router.collect()).toEqual({ bundles: 0, bytes: 0, files: 0 })
      expect((await handle.bytes('data/x')).length).toBe(3 * mib)
      await handle.close()
    }
    const { bundles, bytes } = await router.collect()
    expect(bundles).toBe(1)
    expect(bytes).toBeGreaterThan(3 * mib)
    await expect(router.open(urn)).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('is what is being sent to somebody', async () => {
    const { router, miner } = await start()
    const urn = await dataset(router, 5 * mib)
    const collecting: Promise<unknown>[] = []
    const fetched = await miner.datasets.fetch(urn, {
      onProgress: ({ type }) => { if (type === 'datanode:fetch:progress') collecting.push(router.collect()) }
    })
    await Promise.all(collecting)
    expect(collecting.length).toBeGreaterThan(0)
    expect((await fetched.bytes('data/x')).length).toBe(5 * mib)
  })

  it('is nothing of what was fetched and nobody holds', async () => {
    const { router, miner } = await start()
    const fetched = await miner.datasets.fetch(await dataset(router, 10))
    await fetched.close()
    // Those who fetch the same at the same time go on before it may go.
    await new Promise(resolve => { setImmediate(resolve) })
    expect(await list(miner)).toMatchObject([{ held: false, holds: [] }])
    expect(await miner.collect()).toMatchObject({ bundles: 1 })
  })
})

describe('a hold', () => {
  it('of two owners lasts until both have released it', async () => {
    const router = await startOne()
    const urn = await dataset(router, 10)
    expect(await router.hold(urn, { owner: 'one' })).toBe(1)
    expect(await router.hold(urn, { owner: 'two', until: Date.now() + dayMs })).toBe(1)
    expect(await router.release(urn)).toBe(0)
    for (const owner of ['one', 'two']) {
      expect(await router.collect()).toMatchObject({ bundles: 0 })
      expect(await router.release(urn, { owner })).toBe(1)
    }
    expect(await router.collect()).toMatchObject({ bundles: 1 })
  })

  it('until a time that has passed keeps nothing', async () => {
    const router = await startOne()
    const urn = await dataset(router, 10)
    await router.hold(urn, { until: Date.now() - 1 })
    expect(await list(router)).toMatchObject([{ held: false, holds: [{ owner: 'host' }] }])
    expect(await router.collect()).toMatchObject({ bundles: 1 })
  })

  it('is on everything of a task, or of a kind', async () => {
    const { router, miner } = await start()
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone', retentionMs: 0 })
    const fetched = await miner.fetchTaskBundle(task.urn)
    const result = await miner.publishResult({ task: fetched, taskId: '0', output: 'o' }, { reveal: 'now', retentionMs: 0 })
    const other = await miner.publishResult({ task: fetched, taskId: '1', output: 'o' }, { reveal: 'now', retentionMs: 0 })
    await close(fetched, result, other)
    const held = async (): Promise<string[]> => (await list(miner)).flatMap(({ held, cid }) => held ? [cid] : []).toSorted()
    expect(await miner.hold({ task: { ...session, taskId: '0' } }, { owner: 'audit' })).toBe(2)
    expect(await held()).toEqual([fetched, result].map(({ cid }) => cid.toString()).toSorted())
    expect(await miner.hold({ kind: 'result' })).toBe(2)
    expect(await miner.release({ task: session }, { owner: 'audit' })).toBe(2)
    expect(await held()).toEqual([result, other].map(({ cid }) => cid.toString()).toSorted())
    expect(await miner.release({ kind: 'result' })).toBe(2)
    expect(await miner.collect()).toMatchObject({ bundles: 3 })
  })

  it('brings what is not there', async () => {
    const { router, miner } = await start()
    const urn = await dataset(router, 10)
    expect(await miner.hold(urn, { owner: 'mirror', until: 2 ** 50 })).toBe(1)
    expect(await list(miner)).toMatchObject([{ origin: 'fetched', held: true, holds: [{ owner: 'mirror', until: 2 ** 50 }] }])
    expect(await miner.collect()).toMatchObject({ bundles: 0 })
  })

  it('is on nothing when nobody has it', async () => {
    const miner = await startOne()
    await expect(miner.hold(missing)).rejects.toMatchObject({ name: 'UnavailableError' })
    await expect(miner.hold(missing, { owner: '' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(miner.release(missing)).rejects.toMatchObject({ name: 'NotStoredError' })
    await expect(miner.verify(missing)).rejects.toMatchObject({ name: 'NotStoredError' })
    expect(await list(miner)).toEqual([])
  })
})

it('lists what each bundle shares with no other', async () => {
  const router = await startOne()
  const first = await dataset(router, 3 * mib, {})
  const second = await router.datasets.publish({ name: 'linked', version: '1.0.0', files: [{ name: 'first', cid: first }, { name: 'y', text: 'y' }] })
  await second.close()
  const sizes = async (): Promise<Map<string, BundleInfo>> => new Map((await list(router, { sizes: true })).map(info => [info.cid, info]))
  const [whole, linked] = [first, second.urn].map(urn => urn.slice('urn:blob:v2:ipfs:'.length)) as [string, string]
  const before = await sizes()
  expect(before.get(whole)).toMatchObject({ ownBytes: 0 })
  expect(before.get(linked)?.bytes).toBeGreaterThan(3 * mib)
  expect(before.get(linked)?.ownBytes).toBeLessThan(10_000)
  expect((await list(router))[0]).not.toHaveProperty('ownBytes')
  await router.release(first)
  expect(await router.collect()).toMatchObject({ bundles: 1 })
  const after = (await sizes()).get(linked)
  expect(after?.ownBytes).toBe(after?.bytes)
  expect((await router.verify(linked)).damaged).toEqual([])
})

it('lists what is there when it is asked for the next, and as it is then', async () => {
  const router = await startOne()
  const urns = [await dataset(router, 10, {}), await dataset(router, 10, {}), await dataset(router, 10, {})]
  const listed: BundleInfo[] = []
  for await (const info of router.list({ sizes: true })) {
    if (listed.push(info) > 1) continue
    const others = urns.filter(urn => !urn.endsWith(info.cid))
    await router.release(others[0] ?? expect.fail())
    await router.collect()
    await router.hold(others[1] ?? expect.fail(), { owner: 'other' })
  }
  expect(listed.map(({ holds }) => holds.map(({ owner }) => owner))).toEqual([['host'], ['host', 'other']])
})

it('verifies one bundle or all of them, and says how far it is', async () => {
  const router = await startOne()
  const urn = await dataset(router, 3 * mib)
  await dataset(router, 10)
  const progress: number[] = []
  const one = await router.verify(urn, { onProgress: ({ blocksDone }) => { progress.push(blocksDone) } })
  const all = await router.verify()
  expect([one.bundles, all.bundles]).toEqual([1, 2])
  expect(one.blocks).toBeLessThan(all.blocks)
  expect(progress.at(-1)).toBe(one.blocks)
})

describe('a quota', () => {
  it('is not exceeded: what is held fills it, and what is released makes room', async () => {
    const router = await startOne({ quota: '20MiB' })
    const urns: string[] = []
    const fill = async (): Promise<void> => { for (;;) urns.push(await dataset(router, 2 * mib, {})) }
    await expect(fill()).rejects.toMatchObject({
      name: 'StorageFullError', retryable: true, details: { reason: 'quota', needed: expect.any(Number) as number, evictable: 0 }
    })
    expect(urns.length).toBeGreaterThan(2)
    const { disk, ok } = router.health()
    expect(disk.used.bytes).toBeLessThanOrEqual(20 * mib)
    expect(disk.limit.bytes).toBe(20 * mib)
    expect(disk.held.bundles).toBe(urns.length)
    expect(ok).toBe(true)
    expect(await list(router)).toHaveLength(urns.length)
    await router.release(urns[0] ?? expect.fail())
    await dataset(router, 2 * mib, {})
    expect((await list(router)).map(({ cid }) => `urn:blob:v2:ipfs:${cid}`)).not.toContain(urns[0])
  })

  it('lets cache go, least recently used first', async () => {
    const router = await startOne({ quota: '20MiB' })
    const urns = [await dataset(router, 2 * mib), await dataset(router, 2 * mib)]
    const used = await router.open(urns[0] ?? expect.fail())
    await used.close()
    while ((await list(router)).length === urns.length) urns.push(await dataset(router, 2 * mib))
    const left = (await list(router)).map(({ cid }) => `urn:blob:v2:ipfs:${cid}`)
    expect(urns.filter(urn => !left.includes(urn))).toEqual([urns[1]])
  })

  it('refuses what can never be stored before any of it comes, and takes it when there is room', async () => {
    const { router, miner } = await start({ quota: '20MiB' })
    const own = await dataset(miner, 6 * mib, {})
    const large = await dataset(router, 6 * mib)
    const before = miner.health().disk.used
    await expect(miner.datasets.fetch(large)).rejects.toMatchObject({
      name: 'StorageFullError', details: { attempts: [{ outcome: 'too-large', bytes: 0 }] }
    })
    expect(miner.health().disk.used).toEqual(before)
    await expect(miner.hold(large)).rejects.toMatchObject({ name: 'StorageFullError' })
    await miner.release(own)
    expect(await miner.hold(large)).toBe(1)
    expect((await list(miner)).map(({ held }) => held)).toEqual([true])
  })
})
