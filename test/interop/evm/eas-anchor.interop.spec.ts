import { keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { AnchorError } from '../../../src/errors.ts'
import { easAnchor } from '../../../src/evm/eas-anchor.ts'
import { startAnvil } from '../../support/evm/anvil.ts'
import { deployEas } from '../../support/evm/deploy.ts'
import { startRpcProxy } from '../../support/evm/rpc-proxy.ts'
import type { Anvil } from '../../support/evm/anvil.ts'
import type { RpcProxy } from '../../support/evm/rpc-proxy.ts'
import type { Anchor, AnchorReceipt } from '../../../src/interface/anchor.ts'
import type { Address, Digest } from '../../../src/interface/primitives.ts'
import type { ContractWriterInit } from '../../../src/evm/check-writer.ts'

const chainId = 421614
let anvil: Anvil
let address: Address

beforeAll(async () => {
  anvil = await startAnvil({ chainId })
  address = (await deployEas(anvil)).eas.address
})
afterAll(async () => { await anvil.stop() })

const digestOf = (text: string): Digest => keccak256(toHex(text))
const lastBlock = async (): Promise<string> => String((await anvil.client.getBlock()).number)
const sent = async (index: number): Promise<number> => await anvil.client.getTransactionCount({ address: anvil.accounts[index]!.address })

function anchorOf (index: number, change: Partial<ContractWriterInit> = {}): Anchor {
  const account = anvil.accounts[index]!
  return easAnchor({ rpcUrls: [anvil.url], chainId: String(chainId), address, account, confirmations: 0, pollMs: 10, timeoutMs: 1_000, ...change })
}

async function proxied (): Promise<RpcProxy> {
  const proxy = await startRpcProxy(anvil.url)
  onTestFinished(async () => { await proxy.stop() })
  return proxy
}

test('writes a digest with one transaction, and has its block, its time and its gas', async () => {
  const anchor = anchorOf(1)
  expect(anchor.id).toBe(`eip155:${chainId}:${address.toLowerCase()}`)
  expect(await anchor.read(digestOf('one'))).toBeUndefined()
  const [receipt] = await anchor.write([digestOf('one')])
  const { hash, number, timestamp, transactions } = await anvil.client.getBlock()
  expect(receipt).toMatchObject({
    digest: digestOf('one'), anchor: anchor.id, blockNumber: String(number), blockHash: hash, time: String(timestamp), transaction: transactions[0]
  })
  expect(await anchor.read(digestOf('one'))).toEqual(receipt)
  expect(await anchor.write([digestOf('one')])).toEqual([receipt])
  expect(await sent(1)).toBe(1)
  console.log(`EAS timestamp(bytes32): ${receipt?.gasUsed} gas`)
})

test('writes several with one transaction, but for those that are there', async () => {
  const anchor = anchorOf(2)
  await anchor.write([digestOf('two')])
  const digests = ['two', 'three', 'four', 'three'].map(digestOf)
  const receipts = await anchor.write(digests)
  expect(receipts.map(({ digest }) => digest)).toEqual(digests)
  expect(new Set(receipts.map(({ transaction }) => transaction)).size).toBe(2)
  expect(await sent(2)).toBe(2)
  console.log(`EAS multiTimestamp of 2: ${receipts[1]?.gasUsed} gas`)
})

test('finds what somebody else wrote, long ago, without an account', async () => {
  const [receipt] = await anchorOf(3).write([digestOf('by another')])
  await anvil.client.mine({ blocks: 500, interval: 7 })
  const reader = easAnchor({ rpcUrls: [anvil.url], chainId: String(chainId), address })
  expect(await reader.read(digestOf('by another'))).toEqual(receipt)
  await expect(reader.write([digestOf('by another')])).rejects.toMatchObject({ name: 'InvalidArgumentError' })
})

test('takes a digest that somebody else writes at the same time as written', async () => {
  await anvil.client.setAutomine(false)
  const both = Promise.all([4, 5].map(async index => await anchorOf(index).write([digestOf('raced')])))
  await expect.poll(async () => (await anvil.client.getTxpoolStatus()).pending).toBe(2)
  await anvil.client.setAutomine(true)
  await anvil.mine()
  const [[mine], [theirs]] = await both as [AnchorReceipt[], AnchorReceipt[]]
  expect(mine).toEqual(theirs)
})

test('gives a receipt only when it is as deep as is asked for', async () => {
  const [shallow, deep] = [anchorOf(6), anchorOf(6, { confirmations: 3 })]
  const [receipt] = await shallow.write([digestOf('deep')])
  expect(await deep.read(digestOf('deep'))).toBeUndefined()
  const writing = deep.write([digestOf('deep')])
  await anvil.mine(3)
  expect(await writing).toEqual([receipt])
  expect(await sent(6)).toBe(1)
})

test('follows a reorganisation: what vanished is sent again as it was, and the receipt is of the block that stayed', async () => {
  const before = await sent(7)
  const writing = anchorOf(7, { confirmations: 4 }).write([digestOf('vanished')])
  await expect.poll(async () => await sent(7)).toBe(before + 1)
  const { hash: abandoned, transactions: [transaction] } = await anvil.client.getBlock()
  await anvil.mine(2)
  await anvil.reorganise(3)
  expect((await anvil.client.getBlock()).hash).not.toBe(abandoned)
  await expect.poll(async () => await sent(7)).toBe(before + 1)
  await anvil.mine(4)
  const [receipt] = await writing
  expect(receipt).toMatchObject({ transaction, blockNumber: String(BigInt(await lastBlock()) - 4n) })
  expect(receipt?.blockHash).not.toBe(abandoned)
  expect(await sent(7)).toBe(before + 1)
})

test.each(['fail', 'reset', 'stall', 'garbage', { result: '0x' }, { error: { code: -32000, message: 'no' } }] as const)(
  'passes over an endpoint that answers with %j, and says so in time when there is no other', async how => {
    const proxy = await proxied()
    proxy.answer(how)
    const digest = digestOf(JSON.stringify(how))
    const [receipt] = await anchorOf(8, { rpcUrls: [proxy.url, anvil.url], timeoutMs: 300 }).write([digest])
    expect(await anchorOf(8, { rpcUrls: [anvil.url] }).read(digest)).toEqual(receipt)
    const alone = anchorOf(8, { rpcUrls: [proxy.url], timeoutMs: 300 })
    await expect(alone.read(digest)).rejects.toThrow(AnchorError)
    await expect(alone.write([digest])).rejects.toThrow(AnchorError)
  })

test('takes nothing from an endpoint of another chain', async () => {
  const proxy = await proxied()
  proxy.answer(({ method }) => method === 'eth_chainId' ? { result: '0x1' } : 'forward')
  await expect(anchorOf(8, { rpcUrls: [proxy.url] }).write([digestOf('elsewhere')])).rejects.toThrow('it is of chain 1')
  expect((await anchorOf(8, { rpcUrls: [proxy.url, anvil.url] }).write([digestOf('elsewhere')]))).toHaveLength(1)
})

test('takes no receipt that the other endpoints do not know', async () => {
  await using liar = await startAnvil({ chainId })
  expect((await deployEas(liar)).eas.address).toBe(address)
  const lied = anchorOf(9, { rpcUrls: [liar.url] })
  await lied.write([digestOf('lie')])
  const both = anchorOf(9, { rpcUrls: [liar.url, anvil.url] })
  await expect(both.read(digestOf('lie'))).rejects.toThrow('do not agree')
  await expect(both.write([digestOf('lie')])).rejects.toThrow(AnchorError)
  expect(await anchorOf(9, { rpcUrls: [anvil.url, liar.url] }).read(digestOf('lie'))).toBeUndefined()
})

test('goes on after an endpoint failed in the middle, and sends nothing twice', async () => {
  const proxy = await proxied()
  const before = await sent(1)
  for (let calls = 0, failed = true; failed; calls++) {
    let left = calls
    failed = false
    proxy.answer(() => {
      if (left-- > 0) return 'forward'
      failed = true
      return 'fail'
    })
    const anchor = anchorOf(1, { rpcUrls: [proxy.url] })
    const first = await anchor.write([digestOf(`failing ${calls}`)]).catch((error: unknown) => { expect(error).toBeInstanceOf(AnchorError) })
    proxy.answer('forward')
    const [again] = await anchor.write([digestOf(`failing ${calls}`)])
    expect([again], `call ${calls}`).toEqual(first ?? [again])
    expect(await sent(1), `call ${calls}`).toBe(before + calls + 1)
  }
})
