import { expect, test } from 'vitest'
import { startAnvil } from './anvil.ts'
import { deployEas } from './deploy.ts'
import { startRpcProxy } from './rpc-proxy.ts'
import { createPublicClient, http, keccak256, toHex } from 'viem'

test('a node has EAS, which keeps what is timestamped', async () => {
  await using anvil = await startAnvil()
  const { eas } = await deployEas(anvil)
  const digest = keccak256(toHex('a checkpoint'))
  const hash = await anvil.client.writeContract({ ...eas, functionName: 'timestamp', args: [digest] })
  const { blockNumber } = await anvil.client.waitForTransactionReceipt({ hash })
  const { timestamp } = await anvil.client.getBlock({ blockNumber })
  expect(await anvil.client.readContract({ ...eas, functionName: 'getTimestamp', args: [digest] })).toBe(timestamp)
})

test('a reorganisation takes transactions back, and brings those again that it is given', async () => {
  await using anvil = await startAnvil({ chainId: 421614 })
  const { client, accounts } = anvil
  const send = async (index: number): Promise<{ signed: `0x${string}`, hash: `0x${string}` }> => {
    const request = await client.prepareTransactionRequest({ account: accounts[index]!, to: accounts[9]!.address, value: 1n })
    const signed = await client.signTransaction({ ...request, account: accounts[index]! } as never)
    const hash = await client.sendRawTransaction({ serializedTransaction: signed })
    await client.waitForTransactionReceipt({ hash })
    return { signed, hash }
  }
  const [first, second] = [await send(1), await send(2)]
  const before = await client.getBlock()
  await anvil.reorganise(2, [[first.signed, 1]])
  const after = await client.getBlock()
  expect(after.number).toBe(before.number)
  expect(after.hash).not.toBe(before.hash)
  expect(after.transactions).toEqual([first.hash])
  await expect(client.getTransactionReceipt({ hash: second.hash })).rejects.toThrow('could not be found')
})

test('an endpoint forwards, fails, and says something else than the node', async () => {
  await using anvil = await startAnvil()
  await using proxy = await startRpcProxy(anvil.url)
  const client = createPublicClient({ transport: http(proxy.url, { retryCount: 0, timeout: 500 }) })
  expect(await client.getChainId()).toBe(31337)
  proxy.answer({ change: () => '0x1' })
  expect(await client.getChainId()).toBe(1)
  for (const how of ['fail', 'reset', 'stall', 'garbage', { error: { code: -32000, message: 'no' } }] as const) {
    proxy.answer(how)
    await expect(client.getChainId()).rejects.toThrow()
  }
  expect(proxy.asked).toEqual(Array(7).fill('eth_chainId'))
})
