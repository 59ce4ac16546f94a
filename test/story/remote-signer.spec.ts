import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { decodeAuditKey, verifyAuditKey } from '../../src/verify.ts'
import { addressOf, delegate, keyOf, signWith } from '../network/delegations.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'
import type { RemoteSigner } from '../../src/interface/signer.ts'

const session = { chainId: '1', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '0' }
const [nodeKey, signerKey] = [211, 212]
const [node, address] = [addressOf(nodeKey), addressOf(signerKey)]

describe('a node whose statements are signed elsewhere', () => {
  let home: string
  let running: DataNode | undefined
  const boot = async (init: Partial<DataNodeInit>): Promise<DataNode> => {
    await running?.stop()
    running = await createDataNode({ home, privateKey: Buffer.from(keyOf(nodeKey)).toString('hex'), ...init })
    return running
  }
  const task = async (node: DataNode, prompt = 'p'): ReturnType<DataNode['publishTaskBundle']> =>
    await node.publishTaskBundle({ session, prompt }, { readers: 'anyone' })

  beforeEach(async () => { home = await mkdtemp(join(tmpdir(), 'signer-')) })
  afterEach(async () => {
    await running?.stop()
    running = undefined
    await rm(home, { recursive: true })
  })

  it('states, answers and logs as the signer', async () => {
    const all = await boot({ signer: { address, sign: signWith(signerKey) } })
    expect(all).toMatchObject({ address: node, account: address })
    const published = await task(all)
    expect(published.statements.map(({ signer }) => signer)).toEqual([address])
    const result = await all.publishResult({ task: published, taskId: '0', output: 'x' }, { reveal: 'now' })
    expect(result.miner).toBe(address)
    expect((await all.fetchResult(result.urn, { task: published, taskId: '0', miner: address })).output).toBe('x')
    const { auditKey, origin, size } = await all.audit.checkpoint()
    expect(size).toBe(2)
    expect(origin).toContain(address)
    expect(verifyAuditKey(decodeAuditKey(auditKey)).signer).toBe(address)
    expect((await Array.fromAsync(all.audit.entries())).map(({ kind }) => kind)).toEqual(['task', 'result'])
  })

  it.each<[string, RemoteSigner['sign']]>([
    ['fails', () => Promise.reject(new Error('503'))],
    ['lies', signWith(nodeKey)],
    ['gives too little', () => Promise.resolve(new Uint8Array(64))]
  ])('publishes nothing while the signer %s, and the same thing once it is well', async (_, sign) => {
    let isWell = false
    const flaky: RemoteSigner['sign'] = async (digest, options) => await (isWell ? signWith(signerKey)(digest) : sign(digest, options))
    const all = await boot({ signer: { address, sign: flaky } })
    await expect(task(all)).rejects.toMatchObject({ name: 'SignerError', retryable: true })
    expect(await Array.fromAsync(all.list())).toEqual([])
    isWell = true
    const { urn } = await task(all)
    expect((await Array.fromAsync(all.list())).map(({ cid }) => urn.endsWith(cid))).toEqual([true])
    expect((await all.audit.checkpoint()).size).toBe(1)
    const again = await boot({ signer: { address, sign: signWith(signerKey) } })
    expect((await Array.fromAsync(again.list())).length).toBe(1)
  })

  it('gives up waiting for the signer with the caller, and publishes nothing', async () => {
    const all = await boot({ signer: { address, sign: () => new Promise(() => {}) } })
    const caller = new AbortController()
    const publishing = all.publishTaskBundle({ session, prompt: 'p' }, { readers: 'anyone', signal: caller.signal })
    setImmediate(() => { caller.abort(new Error('gone')) })
    await expect(publishing).rejects.toThrow('gone')
    expect(await Array.fromAsync(all.list())).toEqual([])
  })

  it('takes a delegation of the signer alone', async () => {
    const now = Math.floor(Date.now() / 1000)
    const signer = { address, sign: signWith(signerKey) }
    const own = await delegate(nodeKey, { time: now, until: now + 60, by: signerKey })
    const published = await task(await boot({ signer, delegation: own }))
    // They are the signer's own statements: there is nothing to delegate.
    expect(published.delegations).toEqual([])
    await expect(boot({ signer, delegation: await delegate(nodeKey, { time: now, until: now + 60 }) })).rejects.toMatchObject({ name: 'WrongDelegationError' })
  })
})
