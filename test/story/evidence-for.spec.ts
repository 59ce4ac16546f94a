import { afterEach, describe, expect, it } from 'vitest'
import { createDataNode } from '../../src/index.ts'
import { verifyEvidence } from '../../src/verify.ts'
import { FakeAnchor } from '../audit/fake-anchor.ts'
import { delegate } from '../audit/delegated-evidence.ts'
import { identityOf, loopback } from '../network/support.ts'
import type { EvidenceBundle, Readers } from '../../src/interface/bundle.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const task = { ...session, taskId: '0' }
const [routerKey, oracleKey, walletKey, strangerKey, reporterKey] = [401, 402, 403, 404, 405]

describe('a stranger who knows a task from the chain', () => {
  const nodes: DataNode[] = []
  const boot = async (n: number, init: Partial<DataNodeInit> = {}): Promise<DataNode> => {
    const node = await createDataNode({ home: ':memory:', privateKey: n.toString(16).padStart(64, '0'), ...init })
    nodes.push(node)
    return node
  }
  afterEach(async () => { await Promise.all(nodes.splice(0).map(async node => { await node.stop() })) })

  /** An oracle that anchors, with evidence on the task in which nobody answered. */
  async function judged ({ anchor, delegated = false, readers }: { anchor?: FakeAnchor, delegated?: boolean, readers?: Readers } = {}):
  Promise<{ oracle: DataNode, evidence: EvidenceBundle }> {
    const now = Math.floor(Date.now() / 1000)
    const delegation = delegated ? await delegate(walletKey, oracleKey, { time: now - 10, until: now + 3600 }) : undefined
    const oracle = await boot(oracleKey, { listen: loopback, ...anchor && { anchor }, ...delegation && { delegation } })
    const bundle = await oracle.publishTaskBundle({ session, prompt: 'How many?' }, { readers: 'anyone' })
    const verdicts = { verdicts: [], agreements: [] }
    const evidence = await oracle.publishEvidence({ task: bundle, taskId: '0', verdicts }, readers === undefined ? {} : { readers })
    if (anchor !== undefined) await oracle.audit.anchor()
    return { oracle, evidence }
  }

  async function exported (node: DataNode, ...args: Parameters<DataNode['exportEvidence']>): Promise<Uint8Array> {
    return Buffer.concat(await Array.fromAsync(node.exportEvidence(...args)))
  }

  it('finds its evidence by the oracle alone, in its log, under a checkpoint that is anchored, and hands that on', async () => {
    const anchor = new FakeAnchor()
    const { oracle, evidence } = await judged({ anchor })
    const stranger = await boot(strangerKey)
    const found = await stranger.evidenceFor(task, { oracle: oracle.address, providers: oracle.multiaddrs, anchors: [anchor] })
    expect(found).toMatchObject([{ urn: evidence.urn, signer: oracle.address, wallets: [], providers: [oracle.peerId] }])
    const [{ urn, providers, inclusion, receipts }] = found as [typeof found[number]]
    expect(inclusion?.log.address).toBe(oracle.address)
    expect(receipts).toEqual([anchor.blocks.at(-1)])
    expect(await stranger.audit.followed()).toEqual([])

    await (await stranger.open(urn, { providers, hold: true })).close()
    const anchored = await verifyEvidence(await exported(stranger, urn, { proofs: [inclusion!], receipts }), { anchors: [anchor] })
    expect(anchored).toMatchObject({ ok: true, signer: oracle.address })
    expect(anchored.claims.filter(({ code }) => code === 'inclusion' || code === 'anchor').map(({ holds }) => holds)).toEqual(['proven', 'proven'])
  })

  it('finds where it was anchored although the log has grown since', async () => {
    const anchor = new FakeAnchor()
    const { oracle } = await judged({ anchor })
    const { size } = await oracle.audit.checkpoint()
    await (await oracle.publishTaskBundle({ session, prompt: 'Another?' }, { readers: 'anyone' })).close()
    const stranger = await boot(strangerKey)
    const [found] = await stranger.evidenceFor(task, { oracle: oracle.address, providers: oracle.multiaddrs, anchors: [anchor] })
    expect(found).toMatchObject({ inclusion: { log: { size: size + 1 } }, receipts: [], anchored: { size, receipt: anchor.blocks.at(-1) } })
  })

  it('finds it by a router that holds it when the oracle is gone, and proves it by the log that it followed', async () => {
    const { oracle, evidence } = await judged()
    const router = await boot(routerKey, { listen: loopback })
    await (await router.open(evidence.urn, { providers: oracle.multiaddrs, hold: true })).close()
    await (await router.open(evidence.urn)).setReaders('anyone')
    const stranger = await boot(strangerKey, { routers: [...router.multiaddrs] })
    await stranger.ready()
    await stranger.audit.follow(oracle.address, { providers: oracle.multiaddrs })
    await oracle.stop()
    const found = await stranger.evidenceFor(task, { oracle: oracle.address })
    const inclusion = { log: { address: oracle.address } }
    expect(found).toMatchObject([{ urn: evidence.urn, signer: oracle.address, providers: [router.peerId], inclusion, receipts: [] }])
    await (await stranger.open(evidence.urn, { hold: true })).close()
    const { ok, logs } = await verifyEvidence(await exported(stranger, evidence.urn, { proofs: [found[0]!.inclusion!] }))
    expect([ok, logs.map(({ address }) => address)]).toEqual([true, [oracle.address]])
  })

  it('is told what is not proven: nothing of a log that it never saw', async () => {
    const { oracle, evidence } = await judged()
    const router = await boot(routerKey, { listen: loopback })
    await (await router.open(evidence.urn, { providers: oracle.multiaddrs, hold: true })).setReaders('anyone')
    await oracle.stop()
    const stranger = await boot(strangerKey)
    const [found] = await stranger.evidenceFor(task, { oracle: oracle.address, providers: router.multiaddrs, anchors: [new FakeAnchor()] })
    expect(found).toMatchObject({ urn: evidence.urn, receipts: [] })
    expect(found).not.toHaveProperty('inclusion')
  })

  it('finds the evidence of an oracle by the wallet for which it speaks', async () => {
    const { oracle, evidence } = await judged({ delegated: true })
    const stranger = await boot(strangerKey)
    const found = await stranger.evidenceFor(task, { oracle: identityOf(walletKey).address, providers: oracle.multiaddrs })
    expect(found).toMatchObject([{ urn: evidence.urn, signer: oracle.address, wallets: [oracle.account] }])
    expect(found[0]?.inclusion?.log.address).toBe(oracle.address)
    expect(await stranger.evidenceFor(task, { oracle: identityOf(strangerKey).address, providers: oracle.multiaddrs })).toEqual([])
  })

  it('cannot tell evidence that it may not read from evidence that there is not, and who may read it finds it', async () => {
    const reporter = identityOf(reporterKey).address
    const { oracle, evidence } = await judged({ readers: [reporter] })
    const asked = await boot(strangerKey)
    expect(await asked.evidenceFor(task, { providers: oracle.multiaddrs })).toEqual([])
    expect(await asked.evidenceFor({ ...task, taskId: '9' }, { providers: oracle.multiaddrs })).toEqual([])
    const reader = await boot(reporterKey)
    expect(await reader.evidenceFor(task, { providers: oracle.multiaddrs })).toMatchObject([{ urn: evidence.urn }])
    expect(await oracle.evidenceFor(task)).toMatchObject([{ urn: evidence.urn, providers: [] }])
  })

  it('is not told that there is none when nobody answered', async () => {
    const stranger = await boot(strangerKey)
    await expect(stranger.evidenceFor(task)).rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [] } })
    const unknown = stranger.evidenceFor(task, { oracle: `0x${'11'.repeat(20)}` })
    await expect(unknown).rejects.toMatchObject({ name: 'UnavailableError', details: { attempts: [{}] } })
    for (const options of [{ oracle: 'x' }, { providers: 5 }, { anchors: [{}] }, null]) {
      await expect(stranger.evidenceFor(task, options as never)).rejects.toMatchObject({ code: expect.stringMatching(/^ERR_INVALID/) as string })
    }
    await expect(stranger.evidenceFor({ ...task, taskId: '01' })).rejects.toMatchObject({ name: 'InvalidArgumentError' })
    const reason = new Error('enough')
    await expect(stranger.evidenceFor(task, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  })
})
