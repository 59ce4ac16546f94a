import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { easAnchor } from '../../../src/evm/eas-anchor.ts'
import { createDataNode } from '../../../src/index.ts'
import {
  checkpointDigest, decodeAuditKey, decodeCheckpoint, decodeTlogProof, statementDigest, verifyCheckpoint, verifyInclusion
} from '../../../src/verify.ts'
import { fastDirectory } from '../../faults/directories.ts'
import { startProgram } from '../../store/children.ts'
import { startAnvil } from '../../support/evm/anvil.ts'
import { deployEas } from '../../support/evm/deploy.ts'
import { startRpcProxy } from '../../support/evm/rpc-proxy.ts'
import type { Anvil } from '../../support/evm/anvil.ts'
import type { RpcProxy } from '../../support/evm/rpc-proxy.ts'
import type { Anchor, AnchoredCheckpoint } from '../../../src/interface/anchor.ts'
import type { DataNode } from '../../../src/interface/data-node.ts'
import type { Address } from '../../../src/interface/primitives.ts'
import type { Statement } from '../../../src/interface/statement.ts'

const privateKey = '11'.repeat(32)
const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}`, sessionId: '0' } as const
/** A process takes its time to start on a busy machine. */
const startTime = { timeout: 60_000 }

let anvil: Anvil
let proxy: RpcProxy
let address: Address

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 421614 })
  address = (await deployEas(anvil)).eas.address
  proxy = await startRpcProxy(anvil.url)
})
afterAll(async () => {
  await proxy.stop()
  await anvil.stop()
})

const anchorFor = (): Anchor => easAnchor({
  rpcUrls: [proxy.url], chainId: '421614', address, account: anvil.accounts[1]!, confirmations: 0, pollMs: 10, timeoutMs: 1_000
})
const sent = async (): Promise<number> => await anvil.client.getTransactionCount({ address: anvil.accounts[1]!.address })

async function publish (node: DataNode, prompt: string): Promise<Statement> {
  await using task = await node.publishTaskBundle({ session, prompt }, { readers: 'anyone' })
  return task.statements[0]?.statement ?? expect.fail('it is not signed')
}

test('a node anchors its trail by itself, goes on while the chain is down, and catches up with no more than it needs', async () => {
  const home = await fastDirectory()
  const node = await createDataNode({ home, privateKey, anchor: anchorFor(), anchorIntervalMs: 1 })
  try {
    const first = await publish(node, 'one')
    await expect.poll(() => node.health().anchor?.size).toBe(1)
    proxy.answer('reset')
    for (const prompt of ['two', 'three', 'four']) await publish(node, prompt)
    await expect.poll(() => node.health().problems.map(({ code }) => code)).toContain('ANCHOR_BEHIND')
    expect(node.health().ok).toBe(false)
    await expect(node.audit.anchor()).rejects.toMatchObject({ name: 'AnchorError' })
    proxy.answer('forward')
    const { size, receipt, root } = await node.audit.anchor()
    expect(size).toBe(4)
    expect(node.health()).toMatchObject({ ok: true, anchor: { anchor: anchorFor().id, size: 4 } })
    // One that was on its way when the chain went down comes first; those between it and the newest do not.
    const sizes = (await node.audit.anchored()).map(({ size }) => size)
    expect([sizes[0], sizes.at(-1), sizes.length <= 3]).toEqual([1, 4, true])
    expect(await sent()).toBe(sizes.length)
    const { hash, timestamp } = await anvil.client.getBlock({ blockNumber: BigInt(receipt.blockNumber) })
    expect(receipt).toMatchObject({ blockHash: hash, time: String(timestamp) })
    const proof = decodeTlogProof(await node.audit.proveInclusion(first, { size }))
    const { auditKey: keyBytes, origin } = await node.audit.checkpoint()
    const auditKey = decodeAuditKey(keyBytes)
    const { checkpoint } = verifyCheckpoint(proof.note, { auditKey, address: node.address, origin })
    verifyInclusion({ entry: statementDigest(first), index: proof.index, tree: { size, root } }, proof.hashes)
    expect(checkpointDigest(checkpoint)).toBe(receipt.digest)
    expect(decodeCheckpoint(proof.note.text).size).toBe(4)
  } finally {
    await node.stop()
  }
})

test('a node that ended after its transaction was sent finds it at the next start, and sends none', async () => {
  const home = await fastDirectory()
  const before = await sent()
  const killed = await createDataNode({ home, privateKey, anchor: anchorFor(), anchorIntervalMs: Infinity })
  await publish(killed, 'one')
  // What is sent comes into a block, and nobody hears of it.
  const asked = proxy.asked.length
  proxy.answer(() => proxy.asked.slice(asked, -1).includes('eth_sendRawTransaction') ? 'reset' : 'forward')
  await expect(killed.audit.anchor()).rejects.toMatchObject({ name: 'AnchorError' })
  await killed.stop()
  proxy.answer('forward')
  expect(await sent()).toBe(before + 1)
  const node = await createDataNode({ home, privateKey, anchor: anchorFor(), anchorIntervalMs: Infinity })
  try {
    await expect.poll(() => node.health().anchor?.size).toBe(1)
    expect(await sent()).toBe(before + 1)
  } finally {
    await node.stop()
  }
})

test('a node that is killed while its anchor waits for a block sends no second transaction, and forgets none', async () => {
  const home = await fastDirectory()
  const key = `0x${'5b'.repeat(32)}` as const
  const payer = privateKeyToAccount(key).address
  await anvil.fund(payer)
  const program = join(import.meta.dirname, 'programs', 'anchoring-node.ts')
  const start = async (): ReturnType<typeof startProgram> => await startProgram([program, home, key, anvil.url, '421614', address])
  await anvil.client.setAutomine(false)
  const killed = await start()
  await expect.poll(async () => await anvil.client.getTransactionCount({ address: payer, blockTag: 'pending' }), startTime).toBe(1)
  await killed.kill()
  const node = await start()
  expect(node.lines).toEqual(['published'])
  await anvil.client.setAutomine(true)
  await anvil.mine()
  await node.printed(2)
  const anchored = JSON.parse(node.lines[1]!) as AnchoredCheckpoint[]
  expect(anchored.map(({ size }) => size)).toEqual([1])
  const { from } = await anvil.client.getTransaction({ hash: anchored[0]!.receipt.transaction! })
  expect(from).toBe(payer.toLowerCase())
  expect(await anvil.client.getTransactionCount({ address: payer, blockTag: 'pending' })).toBe(1)
})
