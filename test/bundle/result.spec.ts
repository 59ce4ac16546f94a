import { describe, expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { resultBundleInit } from '../../src/bundle/result.ts'
import { taskBundleInit } from '../../src/bundle/task.ts'
import { AlreadyAnsweredError, EncryptedPayloadError, InvalidArgumentError, StoppedError } from '../../src/errors.ts'
import { confirmTimeoutMsDefault } from '../../src/limits.ts'
import { all } from './dags.ts'
import { publishStored, testIdentity, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { Readers, ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { SignedDelegation } from '../../src/interface/delegation.ts'
import type { PublishResultOptions, ResultInit } from '../../src/interface/data-node.ts'

const session = { chainId: '1', queue: `0x${'cc'.repeat(20)}` as const, sessionId: '7' }
const router = testNode(9)

async function publishTask (readers: Readers = 'anyone'): Promise<TaskBundle> {
  return await openHandle(router, await publishStored(router, taskBundleInit({ session, prompt: 'p' }, readers, router.identity))) as TaskBundle
}

async function publish (node: TestNode, result: Partial<ResultInit> = {}, options: Partial<PublishResultOptions> = {}): Promise<ResultBundle> {
  const init = resultBundleInit({ task: await publishTask(), taskId: '0', output: { text: 'answer' }, ...result }, { reveal: 'now', ...options }, node)
  return await openHandle(node, await publishStored(node, init)) as ResultBundle
}

test('lays out output, outputs and logs', async () => {
  const result = await publish(testNode(1), { files: [{ name: 'a.png', text: 'x' }], logs: [{ name: 'run.log', text: 'y' }] })
  expect((await all(result.files())).map(({ path }) => path)).toEqual(['logs', 'logs/run.log', 'manifest.json', 'output.json', 'outputs', 'outputs/a.png'])
  expect(result.output).toEqual({ text: 'answer' })
})

test('names what it answers, the whole task, the miner and the model', async () => {
  const node = testNode(1)
  const task = await publishTask()
  const result = await publish(node, { task, taskId: '3', model: { name: 'm', digest: 'd' } })
  expect(result.manifest).toMatchObject({
    kind: 'result', answers: task.cid.toString(), task: { ...session, taskId: '3' }, miner: node.identity.address, model: { name: 'm', digest: 'd' }
  })
  expect(result.task).toEqual({ ...session, taskId: '3' })
  expect(result.miner).toBe(node.identity.address)
  expect(result.statements[0]?.statement).toMatchObject({ kind: 'result', answers: task.digest, task: { ...session, taskId: '3' } })
})

test('has the same root again after a crash, and another for another miner, task id or output', async () => {
  const cid = async (key: number, result: Partial<ResultInit> = {}): Promise<string> => (await publish(testNode(key), result)).cid.toString()
  const first = await cid(1)
  expect(await cid(1)).toBe(first)
  expect(new Set([first, await cid(2), await cid(1, { taskId: '1' }), await cid(1, { output: 'other' })]).size).toBe(4)
})

test('is not revealed before its time, and at once when that is over', async () => {
  const node = testNode(1)
  const later = await publish(node, {}, { reveal: new Date(1_900_000_000_000) })
  expect(node.store.record(later.cid)).toMatchObject({ embargoed: true, revealAt: 1_900_000_000_000 })
  await later.reveal()
  expect(node.store.record(later.cid)?.revealAt).toBeUndefined()
  const past = await publish(node, { taskId: '1' }, { reveal: new Date(0) })
  expect(past.revealed).toBe(true)
  expect(node.store.record(past.cid)).not.toHaveProperty('revealAt')
})

test.for(['soon', 5, new Date(NaN), undefined, null])('refuses to reveal %j', async reveal => {
  await expect(publish(testNode(1), {}, { reveal: reveal as never })).rejects.toThrow("reveal must be 'now', 'later' or a Date")
})

test('is not revealed until it is said', async () => {
  const node = testNode(1)
  const result = await publish(node, {}, { reveal: 'later' })
  expect(result.revealed).toBe(false)
  expect(node.store.record(result.cid)?.embargoed).toBe(true)
  await result.reveal()
  expect(result.revealed).toBe(true)
  expect(node.store.record(result.cid)?.embargoed).toBe(false)
  await result.close()
  await expect(result.reveal()).rejects.toThrow(StoppedError)
})

describe('a result that routers confirm', () => {
  test('is offered with the task that it answers, to those that may read it', async () => {
    const node = testNode(1)
    const task = await publishTask([])
    const result = await publish(node, { task })
    expect(await result.confirm(2, { confirmTimeoutMs: 7 })).toEqual([router.identity.address])
    expect(node.offers.map(({ offer: { root, answers } }) => [`${root}`, `${answers}`])).toEqual([[`${result.cid}`, `${task.cid}`]])
    expect(node.offers[0]?.options).toMatchObject({ routers: 2, readers: [router.identity.address], timeoutMs: 7 })
    await result.setReaders('anyone')
    await result.confirm(1)
    expect(node.offers[1]?.options).toMatchObject({ routers: 1, readers: 'anyone', timeoutMs: confirmTimeoutMsDefault })
  })

  test('is offered when it is revealed, if that is asked for, and not before', async () => {
    const node = testNode(1)
    const result = await publish(node, {}, { reveal: 'later' })
    await expect(result.confirm(1)).rejects.toThrow('is not revealed, so that nobody may fetch it: call reveal() first')
    await expect(result.reveal({ confirm: 3 })).rejects.toThrow(InvalidArgumentError)
    await expect(result.reveal({ confirm: 1, confirmTimeoutMs: 0 })).rejects.toThrow(InvalidArgumentError)
    const reason = new Error('enough')
    await expect(result.reveal({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(result.revealed).toBe(false)
    expect(node.offers).toEqual([])
    await result.reveal({ confirm: 1, confirmTimeoutMs: 7 })
    expect(node.offers.map(({ options: { routers, timeoutMs } }) => [routers, timeoutMs])).toEqual([[1, 7]])
  })

  test('is taken back when its handle is closed', async () => {
    const node = testNode(1)
    const asked = Promise.withResolvers<undefined>()
    node.transfer.confirm = async (_, { signal }) => {
      asked.resolve(undefined)
      const { promise, reject } = Promise.withResolvers<never>()
      signal?.addEventListener('abort', () => { reject(signal.reason as Error) })
      return await promise
    }
    const result = await publish(node)
    const confirming = expect(result.confirm(1)).rejects.toThrow(StoppedError)
    await asked.promise
    await result.close()
    await confirming
    await expect(result.confirm(1)).rejects.toThrow(StoppedError)
  })

  test.each([undefined, 0, 3, '1'])('is not asked of %j routers', async routers => {
    const node = testNode(1)
    await expect((await publish(node)).confirm(routers as number)).rejects.toThrow(InvalidArgumentError)
    expect(node.offers).toEqual([])
  })
})

test('is read by whoever may read the task', async () => {
  const node = testNode(1)
  const readersOf = async (result: Partial<ResultInit>, options: Partial<PublishResultOptions> = {}): Promise<Readers | undefined> =>
    node.store.record((await publish(node, result, options)).cid)?.readers
  expect(await readersOf({ taskId: '1' })).toBe('anyone')
  expect(await readersOf({ taskId: '2', task: await publishTask([]) })).toEqual([router.identity.address])
  expect(await readersOf({ taskId: '3' }, { readers: [] })).toEqual([])
})

describe('a second result for a task', () => {
  test('is refused with the first, when it differs', async () => {
    const node = testNode(1)
    const first = await publish(node)
    const second = publish(node, { output: 'other' })
    await expect(second).rejects.toThrow(AlreadyAnsweredError)
    await expect(second).rejects.toMatchObject({ details: { first: first.urn } })
    expect([...node.store.records()].length).toBe(1)
  })

  test('is taken when it is the same, also at the same time', async () => {
    const node = testNode(1)
    const all = await Promise.all(Array.from({ length: 5 }, async () => publish(node)))
    expect(new Set(all.map(({ urn }) => urn)).size).toBe(1)
    expect((await publish(node)).urn).toBe(all[0]?.urn)
  })

  test('is refused while the first is on its way', async () => {
    const node = testNode(1)
    const settled = await Promise.allSettled(['a', 'b', 'c'].map(async output => publish(node, { output })))
    expect(settled.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected'])
    expect([...node.store.records()].length).toBe(1)
  })

  test('is taken for another task, and when it supersedes', async () => {
    const node = testNode(1)
    await publish(node)
    await expect(publish(node, { taskId: '1', output: 'other' })).resolves.toBeDefined()
    const second = await publish(node, { output: 'other' }, { supersede: true })
    expect((await publish(node)).urn).not.toBe(second.urn)
    expect((await publish(node, { output: 'other' })).urn).toBe(second.urn)
  })

  test('of another miner is no answer of this node', async () => {
    const node = testNode(1)
    const other = await publish(testNode(2))
    node.store.bundles.set(other.cid.toString(), {
      root: other.cid, kind: 'result', origin: 'fetched', readers: 'anyone', embargoed: false, holds: [], storedAt: 0, bytes: 0, blocks: 0,
      statements: other.statements, task: other.task
    })
    await expect(publish(node)).resolves.toBeDefined()
  })

  test('can be given when the first was refused', async () => {
    const node = testNode(1)
    await expect(publish(node, { files: [{ name: 'x', path: '/does/not/exist' }] })).rejects.toThrow()
    await expect(publish(node, { output: 'other' })).resolves.toBeDefined()
  })
})

test('keeps an encrypted output for whoever can decrypt it', async () => {
  const result = await publish(testNode(1), { output: 'c2VjcmV0', encryption: { scheme: 'x', keyId: 'k' } })
  expect(() => result.output).toThrow(EncryptedPayloadError)
  expect(Buffer.from(await result.bytes('output.json')).toString()).toBe('"c2VjcmV0"')
})

test.each([5, '01', undefined, null, {}])('refuses %j as the id of its task', async taskId => {
  await expect(publish(testNode(1), { taskId: taskId as string })).rejects.toThrow(InvalidArgumentError)
})

test.each([undefined, null, 'urn:blob:v2:ipfs:x', {}])('refuses %j as its task', async task => {
  await expect(publish(testNode(1), { task: task as never })).rejects.toThrow('task must be the handle of a task bundle')
})

test('must say when it is revealed', async () => {
  await expect(publish(testNode(1), {}, { reveal: 'never' as never })).rejects.toThrow(InvalidArgumentError)
})

describe('of a node that speaks for a wallet', () => {
  const wallet = testIdentity(9).address
  const speaking = (time: string, until: string): TestNode => {
    const node = testNode(1)
    const delegation: SignedDelegation = { wallet, delegation: { node: node.identity.address, until, time, signature: '0x' } }
    return { ...node, identity: { ...node.identity, account: wallet, delegation } }
  }

  test('names the wallet, and comes with the delegation, not stated before that begins', async () => {
    const node = speaking('1700000030', '1700000060')
    const init = resultBundleInit({ task: await publishTask(), taskId: '0', output: 'o' }, { reveal: 'now' }, node)
    const { root, statements: [signed], delegations } = await publishStored(node, init)
    expect(init.manifest(root).miner).toBe(wallet)
    expect(delegations).toEqual([node.identity.delegation])
    expect(signed).toMatchObject({ signer: node.identity.address, statement: { time: '1700000030' } })
  })

  test('is refused once that is over: nobody would accept it', async () => {
    const task = await publishTask()
    const make = (until: string): unknown => resultBundleInit({ task, taskId: '0', output: 'o' }, { reveal: 'now' }, speaking('0', until))
    expect(() => make('1700000000')).not.toThrow()
    expect(() => make('1699999999')).toThrow(expect.objectContaining({ name: 'WrongDelegationError' }))
  })
})
