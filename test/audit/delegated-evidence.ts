import { signDigest } from '../../src/format/address.ts'
import { fromHex } from '../../src/format/hex.ts'
import { signDelegation } from '../../src/format/delegation.ts'
import { createDataNode } from '../../src/index.ts'
import { identityOf, loopback } from '../network/support.ts'
import type { EvidenceBundle } from '../../src/interface/bundle.ts'
import type { DataNode, DataNodeInit } from '../../src/interface/data-node.ts'
import type { Delegation } from '../../src/interface/delegation.ts'

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const keyHex = (n: number): string => n.toString(16).padStart(64, '0')

/** Numbers of the keys of nodes, and of the wallets for which they speak. */
export const keys = { router: 301, oracle: 302, miner: 303, oracleWallet: 304, minerWallet: 305 }

/** A wallet's word for a node, both by the numbers of their keys; in seconds. */
export async function delegate (by: number, to: number, { time, until }: { time: number, until: number }): Promise<Delegation> {
  const sign = (digest: Uint8Array): Promise<Uint8Array> => Promise.resolve(signDigest(digest, fromHex(`0x${keyHex(by)}`)))
  return await signDelegation({ node: identityOf(to).address, until: String(until), time: String(time) }, sign)
}

/** Evidence of an oracle on the result of a miner, both nodes that speak for wallets. */
export interface DelegatedEvidence extends AsyncDisposable {
  router: DataNode
  oracle: DataNode
  evidence: EvidenceBundle
}

/** Runs a task up to its evidence. */
export async function delegatedEvidence (): Promise<DelegatedEvidence> {
  const nodes: DataNode[] = []
  const boot = async (n: number, init: Partial<DataNodeInit>): Promise<DataNode> => {
    const node = await createDataNode({ home: ':memory:', privateKey: keyHex(n), ...init })
    nodes.push(node)
    return node
  }
  const now = Math.floor(Date.now() / 1000)
  const terms = { time: now - 10, until: now + 86_400 }
  const router = await boot(keys.router, { listen: loopback, offers: { from: () => true } })
  const routers = [`${router.address}@127.0.0.1:${/\/tcp\/(\d+)/.exec(router.multiaddrs[0] ?? '')?.[1] ?? ''}`]
  const miner = await boot(keys.miner, { routers, delegation: await delegate(keys.minerWallet, keys.miner, terms) })
  const oracle = await boot(keys.oracle, { routers, delegation: await delegate(keys.oracleWallet, keys.oracle, terms) })
  await Promise.all([miner.ready(), oracle.ready()])
  const { urn } = await router.publishTaskBundle({ session, prompt: 'How many?' }, { readers: 'anyone' })
  const task = await oracle.fetchTaskBundle(urn)
  const result = await miner.publishResult({ task: await miner.fetchTaskBundle(urn), taskId: '0', output: { count: 4 } }, { reveal: 'now' })
  await result.confirm(1)
  const verdicts = await oracle.verifyResults(task, [{ miner: miner.account, ref: result.urn }], { taskId: '0' })
  const evidence = await oracle.publishEvidence({ task, taskId: '0', verdicts })
  return { router, oracle, evidence, [Symbol.asyncDispose]: async () => { await Promise.all(nodes.map(async node => { await node.stop() })) } }
}
