import { afterEach, describe, expect, it } from 'vitest'
import { signDigest } from '../../src/format/address.ts'
import { fromHex } from '../../src/format/hex.ts'
import { createDataNode } from '../../src/index.ts'
import { decodeDelegation, decodeStatement, signDelegation, signersOf, verifyDelegation, verifyStatement } from '../../src/verify.ts'
import { identityOf, loopback } from '../network/support.ts'
import type { ResultBundle, TaskBundle } from '../../src/interface/bundle.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'
import type { Delegation } from '../../src/interface/delegation.ts'
import type { Address } from '../../src/interface/primitives.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const keyOf = (n: number): string => n.toString(16).padStart(64, '0')
const addressOf = (n: number): Address => identityOf(n).address
const now = (): number => Math.floor(Date.now() / 1000)
const [routerKey, walletKey, minerKey, thiefKey, oracleKey] = [201, 202, 203, 204, 205]
const wallet = addressOf(walletKey)

/** What the wallet signs; its key is in no node. */
async function delegate (to: number, { time = now(), until = now() + 3600 }: { time?: number, until?: number } = {}): Promise<Delegation> {
  const sign = (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, fromHex(`0x${keyOf(walletKey)}`)))
  return await signDelegation({ node: addressOf(to), until: String(until), time: String(time) }, sign)
}

describe('a node that speaks for a wallet', () => {
  const nodes: DataNode[] = []
  const boot = async (n: number, init: Partial<DataNodeInit> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home: ':memory:', privateKey: keyOf(n), ...init })
    nodes.push(node)
    return node
  }
  const bootRouter = async (): Promise<DataNode & { at: string }> => {
    const node = await boot(routerKey, { listen: loopback })
    return Object.assign(node, { at: `${node.address}@127.0.0.1:${/\/tcp\/(\d+)/.exec(node.multiaddrs[0] ?? '')?.[1] ?? ''}` })
  }

  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => { await node.stop() })) })

  interface Scene { router: DataNode & { at: string }, miner: DataNode, task: TaskBundle, assigned: TaskBundle }

  /** The chain names the wallet as miner; what runs is the node. */
  async function scene (delegation?: Delegation): Promise<Scene> {
    const router = await bootRouter()
    const miner = await boot(minerKey, { routers: [router.at], delegation: delegation ?? await delegate(minerKey) })
    await miner.ready()
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: [wallet] })
    return { router, miner, task, assigned: await miner.fetchTaskBundle(task.urn) }
  }

  const publish = async ({ miner, assigned }: Scene, output: string): Promise<ResultBundle> =>
    await miner.publishResult({ task: assigned, taskId: '0', output }, { reveal: 'now' })

  it('reads what the wallet may read, and answers in its name', async () => {
    const all = await scene()
    const { router, miner, task } = all
    expect(miner).toMatchObject({ address: addressOf(minerKey), account: wallet })
    const result = await publish(all, 'answer')
    expect(result.miner).toBe(wallet)
    expect(result.statements.map(({ signer }) => signer)).toEqual([miner.address])
    expect((await miner.result({ ...session, taskId: '0' }))?.urn).toBe(result.urn)
    const fetched = await router.fetchResult(result.urn, { task, taskId: '0', miner: wallet })
    expect(fetched.output).toBe('answer')
    expect(fetched.delegations.map(({ wallet }) => wallet)).toEqual([wallet])
  })

  it('publishes datasets under the name of the wallet, which outlasts the node\'s key', async () => {
    const miner = await boot(minerKey, { delegation: await delegate(minerKey) })
    const dataset = await miner.datasets.publish({ name: 'numbers', version: '1.0.0', files: [{ name: 'pi', text: '3.14' }] })
    expect(dataset.name).toBe(`${wallet}/numbers@1.0.0`)
    const { statement, signer } = dataset.statements[0]!
    expect(signersOf({ statement, signer }, dataset.delegations)).toContain(wallet)
  })

  it('is the publisher of its datasets for those who ask a mirror, when it is gone', async () => {
    const router = await bootRouter()
    const publisher = await boot(minerKey, { routers: [router.at], delegation: await delegate(minerKey) })
    await publisher.ready()
    const { urn } = await publisher.datasets.publish({ name: 'numbers', version: '1.0.0', files: [{ name: 'pi', text: '3.14' }] })
    await using mirror = await router.datasets.mirror(`${wallet}/numbers`, { providers: [publisher.address] })
    expect(mirror.versions.map(({ statement }) => statement?.signer)).toEqual([publisher.address])
    await publisher.stop()
    const reader = await boot(oracleKey, { routers: [router.at] })
    await reader.ready()
    expect((await reader.datasets.fetch(`${wallet}/numbers`)).urn).toBe(urn)
  })

  it('is found by the wallet\'s address before it asked for anything', async () => {
    const router = await bootRouter()
    const miner = await boot(minerKey, { delegation: await delegate(minerKey) })
    const open = await miner.publishTaskBundle({ session, prompt: 'own' }, { readers: 'anyone' })
    const connected = await boot(minerKey + 100, { routers: [router.at], delegation: await delegate(minerKey + 100) })
    await connected.ready()
    const { urn } = await connected.publishTaskBundle({ session, prompt: 'other' }, { readers: 'anyone' })
    const fetch = async (): Promise<unknown> => await router.fetchTaskBundle(urn, { providers: [wallet], stallTimeoutMs: 500 })
    await expect.poll(fetch, { timeout: 10_000 }).toMatchObject({ prompt: 'other' })
    await expect(router.fetchTaskBundle(open.urn, { providers: [wallet], stallTimeoutMs: 500 })).rejects.toThrow()
  })

  it('hands its result to the router that asked for it', async () => {
    const all = await scene()
    const result = await publish(all, 'offered')
    expect(await result.confirm(1)).toEqual([all.router.address])
  })

  it('is judged as its wallet, also by an oracle that gets the result of somebody else', async () => {
    const all = await scene()
    const { router, task } = all
    const result = await publish(all, 'x')
    await router.fetchResult(result.urn, { task, taskId: '0', miner: wallet })
    await all.miner.stop()
    const oracle = await boot(oracleKey, { routers: [router.at] })
    await oracle.ready()
    await task.setReaders('anyone')
    const open = await oracle.fetchTaskBundle(task.urn)
    const kept = await router.open(result.urn)
    await kept.setReaders('anyone')
    const { verdicts } = await oracle.verifyResults(open, [{ miner: wallet, ref: result.urn }, { miner: all.miner.address, ref: result.urn }],
      { taskId: '0', claimTimeoutMs: 5000 })
    expect(verdicts.map(({ status }) => status)).toEqual(['ok', 'copied'])
    expect(verdicts[0]).toMatchObject({ reason: `complete, verified, signed by ${all.miner.address} for ${wallet}`, delegation: { node: all.miner.address } })
    const evidence = await oracle.publishEvidence({ task: open, taskId: '0', verdicts: { verdicts, agreements: [] } })
    // What a stranger has who reads the evidence later, from whomever.
    const statement = verifyStatement(decodeStatement(await evidence.bytes(`statements/${wallet}.json`)))
    const delegation = verifyDelegation(decodeDelegation(await evidence.bytes(`delegations/${wallet}.json`)))
    expect(signersOf(statement, [delegation])).toEqual([all.miner.address, wallet])
  })

  it('is not the wallet any more once a router knows that it was revoked', async () => {
    const all = await scene()
    const { router, miner, task } = all
    const result = await publish(all, 'before')
    const revocation = await delegate(minerKey, { time: now() + 1, until: 0 })
    router.learnDelegation(revocation)
    const expected = { task, taskId: '0', miner: wallet }
    await expect(router.fetchResult(result.urn, expected)).rejects.toMatchObject({ name: 'UnavailableError' })
    await expect(router.fetchResult(result.urn, expected, { providers: [miner.address] })).rejects.toMatchObject({ name: 'WrongSignerError' })
    const secret = await router.publishTaskBundle({ session, prompt: 'secret' }, { readers: [wallet] })
    await expect(miner.fetchTaskBundle(secret.urn)).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('is not the wallet for an oracle either, once the one that it asks knows of the revocation', async () => {
    const all = await scene()
    const { router, task } = all
    const result = await publish(all, 'x')
    await router.fetchResult(result.urn, { task, taskId: '0', miner: wallet })
    for (const bundle of [task, await router.open(result.urn)]) await bundle.setReaders('anyone', { widen: true })
    const oracle = await boot(oracleKey, { routers: [router.at] })
    await oracle.ready()
    const options = { taskId: '0', claimTimeoutMs: 5000 }
    const open = await oracle.fetchTaskBundle(task.urn)
    router.learnDelegation(await delegate(minerKey, { time: now() + 1, until: now() - 10 }))
    const { verdicts: [verdict] } = await oracle.verifyResults(open, [{ miner: wallet, ref: result.urn }], options)
    expect(verdict).toMatchObject({ status: 'wrong-signer', reason: expect.stringContaining('or was revoked') as unknown })
  })

  it('gives way to the node to which the wallet has moved', async () => {
    const { router, miner } = await scene()
    const next = await boot(minerKey + 1, { routers: [router.at], delegation: await delegate(minerKey + 1, { time: now() + 1 }) })
    await next.ready()
    const task = await router.publishTaskBundle({ session, prompt: 'moved' }, { readers: [wallet] })
    await expect.poll(async () => await next.fetchTaskBundle(task.urn).catch(() => undefined), { timeout: 5000 }).toMatchObject({ prompt: 'moved' })
    await expect(miner.fetchTaskBundle(task.urn)).rejects.toMatchObject({ name: 'UnavailableError' })
  })

  it('gives the same result again when it publishes it again, and no other one for the task', async () => {
    const all = await scene()
    const [first, again] = [await publish(all, 'x'), await publish(all, 'x')]
    expect(again.urn).toBe(first.urn)
    expect(again.statements).toEqual(first.statements)
    expect(again.delegations).toHaveLength(1)
    await expect(publish(all, 'y')).rejects.toMatchObject({ name: 'AlreadyAnsweredError' })
  })

  it('is not admitted by the delegation of another node', async () => {
    const router = await bootRouter()
    const thief = await boot(thiefKey, { routers: [router.at] })
    await thief.ready()
    const task = await router.publishTaskBundle({ session, prompt: 'p' }, { readers: [wallet] })
    await expect(thief.fetchTaskBundle(task.urn)).rejects.toMatchObject({ name: 'UnavailableError' })
    await expect(boot(thiefKey, { delegation: await delegate(minerKey) })).rejects.toMatchObject({ name: 'WrongDelegationError' })
  })
})
