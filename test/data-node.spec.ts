import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createDataNode } from '../src/index.ts'
import type { TaskBundle } from '../src/interface/bundle.ts'
import type { DataNode } from '../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const privateKey = '5a'.repeat(32)

describe('RunningDataNode', () => {
  let node: DataNode
  let task: TaskBundle

  beforeAll(async () => {
    node = await createDataNode({ home: ':memory:', privateKey })
    task = await node.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
  })
  afterAll(async () => { await node.stop() })

  it('opens no socket and names none unless told to', () => {
    expect(node.multiaddrs).toEqual([])
    expect(node.health()).toMatchObject({ ok: true, listening: [], connections: 0 })
    expect(task.ticket).toBe(`ipfs://${task.cid.toString()}`)
  })

  it('refuses a task as a result, and a result as a task', async () => {
    await expect(node.fetchResult(task.urn, { task, taskId: '0', miner: node.address }))
      .rejects.toMatchObject({ name: 'WrongKindError', details: { expected: 'result', actual: 'task' } })
    const result = await node.publishResult({ task, taskId: '0', output: 'o' }, { reveal: 'now' })
    await expect(node.fetchTaskBundle(result.urn)).rejects.toMatchObject({ name: 'WrongKindError' })
  })

  it('accepts a result only under the hash that was committed to', async () => {
    const result = await node.publishResult({ task, taskId: '1', output: 'o' }, { reveal: 'now' })
    const expected = { task, taskId: '1', miner: node.address }
    expect((await node.fetchResult(result.urn, { ...expected, hash: result.digest })).output).toBe('o')
    await expect(node.fetchResult(result.urn, { ...expected, hash: task.digest })).rejects.toMatchObject({ name: 'MismatchError' })
    await expect(node.fetchResult(result.urn, { ...expected, taskId: '2' })).rejects.toMatchObject({ name: 'WrongTaskError' })
    await expect(node.fetchResult(result.urn, { ...expected, miner: `0x${'ab'.repeat(20)}` })).rejects.toMatchObject({ name: 'WrongMinerError' })
  })

  it('takes a second answer only when it is said to supersede, and then finds that one', async () => {
    const first = await node.publishResult({ task, taskId: '3', output: 'first' }, { reveal: 'now' })
    const init = { task, taskId: '3', output: 'second' }
    await expect(node.publishResult(init, { reveal: 'now' })).rejects.toMatchObject({ details: { first: first.urn } })
    const second = await node.publishResult(init, { reveal: 'now', supersede: true })
    expect((await node.result({ ...session, taskId: '3' }))?.urn).toBe(second.urn)
  })

  it('lets one of two different answers at the same time win', async () => {
    const answers = ['a', 'b'].map(async output => await node.publishResult({ task, taskId: '4', output }, { reveal: 'now' }))
    const settled = await Promise.allSettled(answers)
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  })

  it('holds and releases', async () => {
    const held = async (): Promise<boolean | undefined> => (await Array.fromAsync(node.list({ kind: 'task' })))[0]?.held
    expect(await held()).toBe(true)
    expect(await node.release(task.urn)).toBe(1)
    expect(await node.release(task.urn)).toBe(0)
    expect(await held()).toBe(false)
    expect(await node.hold(task.urn)).toBe(1)
    expect(await held()).toBe(true)
    await expect(node.release('bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354')).rejects.toMatchObject({ name: 'NotStoredError' })
  })

  it.each([undefined, 'everyone', ['0x12'], [7]])('refuses %j as readers', async readers => {
    await expect(node.publishTaskBundle({ session, prompt: 'q' }, { readers: readers as 'anyone' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(task.setReaders(readers as 'anyone')).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('refuses an answer that does not say when it is revealed', async () => {
    await expect(node.publishResult({ task, taskId: '5', output: 'o' }, {} as { reveal: 'now' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('publishes nothing that it could not have confirmed as it is asked to', async () => {
    const before = (await Array.fromAsync(node.list())).length
    const init = { task, taskId: '7', output: 'o' }
    await expect(node.publishResult(init, { reveal: 'now', confirm: 1 })).rejects.toThrow('it has none: name them to createDataNode')
    const routed = await createDataNode({ home: ':memory:', privateKey, routers: ['/ip4/127.0.0.1/tcp/1'] })
    for (const options of [{ confirm: 2 }, { confirm: 0 }, { confirm: 1, reveal: 'later' as const }, { confirm: 1, confirmTimeoutMs: 0 }]) {
      await expect(routed.publishResult(init, { reveal: 'now', ...options })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    }
    expect((await Array.fromAsync(routed.list())).length).toBe(0)
    await routed.stop()
    expect((await Array.fromAsync(node.list())).length).toBe(before)
  })

  it('says of what no router confirmed that it is published, and finds it', async () => {
    const routed = await createDataNode({ home: ':memory:', privateKey, routers: ['/ip4/127.0.0.1/tcp/1'] })
    const failing = routed.publishResult({ task, taskId: '8', output: 'o' }, { reveal: 'now', confirm: 1, confirmTimeoutMs: 1 })
    await expect(failing).rejects.toMatchObject({
      name: 'NotConfirmedError', retryable: true, details: { confirmedBy: [], needed: 1, routers: [{ router: '/ip4/127.0.0.1/tcp/1', said: 'unreachable' }] }
    })
    const found = await routed.result({ ...session, taskId: '8' })
    await expect(failing).rejects.toMatchObject({ details: { urn: found?.urn } })
    const confirming = expect(found?.confirm(1)).rejects.toMatchObject({ name: 'StoppedError' })
    await routed.stop()
    await confirming
  })

  it('changes who may connect while it runs, and not after', async () => {
    const changing = await createDataNode({ home: ':memory:', privateKey, peers: { allow: [node.address] } })
    changing.setPeers({ deny: [node.address] })
    expect(() => { changing.setPeers({ deny: ['x'] }) }).toThrow('peers.deny[0] must be an EVM address or a peer id, and is "x"')
    await changing.stop()
    expect(() => { changing.setPeers({}) }).toThrow(expect.objectContaining({ name: 'StoppedError' }))
  })

  it('fetches nothing from a peer that is denied, says so, and does when it is not any more', async () => {
    const listening = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
    const { ticket } = await listening.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone' })
    const wary = await createDataNode({ home: ':memory:', privateKey: 'generate', peers: { deny: [listening.address] } })
    await expect(wary.fetchTaskBundle(ticket)).rejects.toMatchObject({
      name: 'UnavailableError', message: expect.stringContaining(`${listening.address}, which is on its deny-list (peers.deny)`) as string
    })
    wary.setPeers({})
    expect((await wary.fetchTaskBundle(ticket)).prompt).toBe('p')
    await Promise.all([wary.stop(), listening.stop()])
  })

  it('gives the ciphertext of an encrypted payload, and no plain form', async () => {
    const encrypted = await node.publishTaskBundle({ session, prompt: 'x', encryption: { scheme: 's', keyId: 'k' } }, { readers: 'anyone' })
    expect(() => encrypted.prompt).toThrow(expect.objectContaining({ name: 'EncryptedPayloadError' }))
    expect(new TextDecoder().decode(await encrypted.bytes('prompt.json'))).toBe('"x"')
  })

  const wrong: readonly unknown[] = [undefined, null, 5, 'text', [], Symbol('s'), 1n]
  const calls: Record<string, (node: DataNode, value: never) => unknown> = {
    publishTaskBundle: async (node, value) => await node.publishTaskBundle(value, { readers: [] }),
    'publishTaskBundle, options': async (node, value) => await node.publishTaskBundle({ session, prompt: 'p' }, value),
    publishResult: async (node, value) => await node.publishResult(value, { reveal: 'now' }),
    'publishResult, options': async (node, value) => await node.publishResult({ task, taskId: '9', output: 1 }, value),
    'fetchResult, expected': async (node, value) => await node.fetchResult(task.urn, value),
    'verifyResults, task': async (node, value) => await node.verifyResults(value, [], { taskId: '9' }),
    'verifyResults, options': async (node, value) => await node.verifyResults(task, [], value),
    publishEvidence: async (node, value) => await node.publishEvidence(value),
    'publishEvidence, verdicts': async (node, value) => await node.publishEvidence({ task, taskId: '9', verdicts: value }),
    'datasets.publish': async (node, value) => await node.datasets.publish(value),
    'datasets.affectedBy': async (node, value) => await Array.fromAsync(node.datasets.affectedBy(value)),
    'datasets.publishWithout': async (node, value) => await node.datasets.publishWithout(task.urn, value),
    result: async (node, value) => await node.result(value)
  }
  const optional: Record<string, (node: DataNode, value: never) => unknown> = {
    fetchTaskBundle: async (node, value) => await node.fetchTaskBundle(task.urn, value),
    fetchResult: async (node, value) => await node.fetchResult(task.urn, { task, taskId: '9', miner: node.address }, value),
    open: async (node, value) => await node.open(task.urn, value),
    hold: async (node, value) => await node.hold(task.urn, value),
    'hold, a kind': async (node, value) => await node.hold({ kind: 'task' }, value),
    'hold, until': async (node, value) => await node.hold(task.urn, { until: value === 5 ? -5 : value }),
    'release, options': async (node, value) => await node.release(task.urn, value),
    collect: async (node, value) => await node.collect(value),
    'collect, bytes': async (node, value) => await node.collect({ bytes: value === 5 ? -5 : value }),
    verify: async (node, value) => await node.verify(task.urn, value),
    'verify, bytesPerSecond': async (node, value) => await node.verify(task.urn, { bytesPerSecond: value === 5 ? 0 : value }),
    'publishResult, confirm': async (node, value) => await node.publishResult({ task, taskId: '9', output: 1 }, { reveal: 'now', confirm: value }),
    'publishTaskBundle, retentionMs': async (node, value) =>
      await node.publishTaskBundle({ session, prompt: 'r' }, { readers: [], retentionMs: value === 5 ? -5 : value }),
    ready: async (node, value) => { await node.ready(value) },
    list: async (node, value) => await Array.fromAsync(node.list(value)),
    'datasets.fetch': async (node, value) => await node.datasets.fetch(task.urn, value),
    'datasets.open': async (node, value) => await node.datasets.open(task.urn, value),
    'datasets.latest': async (node, value) => await node.datasets.latest(task.urn, value),
    'datasets.checkout': async (node, value) => await node.datasets.checkout(task.urn, '/nowhere', value),
    'datasets.diff': async (node, value) => await node.datasets.diff(task.urn, task.urn, value),
    'datasets.diff, rows': async (node, value) => await node.datasets.diff(task.urn, task.urn, { rows: value }),
    'datasets.diff, key': async (node, value) => await node.datasets.diff(task.urn, task.urn, { key: value }),
    'datasets.reproduce': async (node, value) => await node.datasets.reproduce(task.urn, value),
    'datasets.mirror': async (node, value) => await node.datasets.mirror(task.urn, value),
    'datasets.exportCar': async (node, value) => await Array.fromAsync(node.datasets.exportCar(task.urn, value)),
    'datasets.versions': async (node, value) => await Array.fromAsync(node.datasets.versions(task.urn, value)),
    bytes: async (_node, value) => await task.bytes('prompt.json', value),
    files: async (_node, value) => await Array.fromAsync(task.files('', value))
  }

  it.each(Object.entries({ ...calls, ...optional }))('tells a program without types what is wrong with what it gives to %s', async (name, call) => {
    const before = (await Array.fromAsync(node.list())).length
    for (const value of name in calls ? wrong : wrong.slice(1)) {
      await expect(call(node, value as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    }
    expect((await Array.fromAsync(node.list())).length).toBe(before)
  })

  it.each([undefined, null, 5, 'text', Symbol('s'), 1n])('refuses %o as what to hold or to release', async what => {
    await expect(node.hold(what as never)).rejects.toMatchObject({ name: 'InvalidReferenceError' })
    await expect(node.release(what as never)).rejects.toMatchObject({ name: 'InvalidReferenceError' })
  })

  it.each([{}, [], { kind: 5 }, { task: 5 }, { kind: 'task', task: null }])('refuses %j as what selects bundles', async selector => {
    await expect(node.hold(selector as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(node.release(selector as never)).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it.each([null, 5, '', 'x'.repeat(65)])('refuses %j as an owner', async owner => {
    await expect(node.hold(task.urn, { owner: owner as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(node.hold({ kind: 'task' }, { owner: owner as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    await expect(node.release(task.urn, { owner: owner as never })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
  })

  it('does not say of what is listed that it failed, when the signal is aborted too late', async () => {
    const abort = new AbortController()
    const logger = (line: string): void => { if (line.startsWith('published')) abort.abort(new Error('too late')) }
    const node = await createDataNode({ home: ':memory:', privateKey, logger })
    const late = await node.publishTaskBundle({ session, prompt: 'late' }, { readers: [], signal: abort.signal })
    expect(late.prompt).toBe('late')
    await expect(node.publishTaskBundle({ session, prompt: 'later' }, { readers: [], signal: abort.signal })).rejects.toThrow('too late')
    expect(await Array.fromAsync(node.list())).toHaveLength(1)
    await node.stop()
  })

  it('lists nothing of a task whose prompt is too large to be read', async () => {
    const before = (await Array.fromAsync(node.list())).length
    await expect(node.publishTaskBundle({ session, prompt: 'x'.repeat(1024 * 1024) }, { readers: [] }))
      .rejects.toMatchObject({ name: 'LimitExceededError', message: expect.stringContaining('prompt') as string })
    expect((await Array.fromAsync(node.list())).length).toBe(before)
  })

  it('rejects with the reason of a signal that was aborted before', async () => {
    const reason = new Error('enough')
    const options = { signal: AbortSignal.abort(reason) }
    await expect(node.open(task.urn, options)).rejects.toBe(reason)
    await expect(node.fetchTaskBundle(task.urn, options)).rejects.toBe(reason)
    await expect(node.publishTaskBundle({ session, prompt: 'q' }, { readers: 'anyone', ...options })).rejects.toBe(reason)
    await expect(node.ready(options)).rejects.toBe(reason)
  })
})
