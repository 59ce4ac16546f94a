import { encodeFunctionData, keccak256, parseGwei, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { easAbi } from '../../src/evm/eas-abi.ts'
import { Endpoints } from '../../src/evm/endpoints.ts'
import { timeOf } from '../../src/evm/find-timestamp.ts'
import { TransactionSender } from '../../src/evm/transaction-sender.ts'
import { startAnvil } from '../support/evm/anvil.ts'
import { deployEas } from '../support/evm/deploy.ts'
import type { Anvil } from '../support/evm/anvil.ts'
import type { Address } from '../../src/interface/primitives.ts'
import type { Errand, TransactionSenderInit } from '../../src/evm/transaction-sender.ts'

let anvil: Anvil
let to: Address
let parts: { endpoints: Endpoints, chain: Chain }

beforeAll(async () => {
  anvil = await startAnvil()
  to = (await deployEas(anvil)).eas.address
  const endpoints = new Endpoints({ urls: [anvil.url], chainId: '31337', timeoutMs: 5_000 })
  parts = { endpoints, chain: new Chain(endpoints) }
})
afterAll(async () => { await anvil.stop() })

function senderOf (index: number, change: Partial<TransactionSenderInit> = {}): TransactionSender {
  return new TransactionSender({ ...parts, chainId: '31337', account: anvil.accounts[index]!, confirmations: 0, pollMs: 5, ...change })
}

/** Has EAS keep the time of a text. */
function timestamp (text: string, change: Partial<Errand> = {}): Errand {
  const digest = keccak256(toHex(text))
  const data = encodeFunctionData({ abi: easAbi, functionName: 'timestamp', args: [digest] })
  return {
    what: `the timestamp of ${text}`,
    call: async () => await Promise.resolve({ to, data }),
    isDone: async (at, options) => await timeOf(parts.chain, to, digest, at, options) !== 0n,
    ...change
  }
}

/** Counts how often it is looked whether something is done. */
function counting (errand: Errand): { errand: Errand, looks: () => number } {
  let looks = 0
  const isDone: Errand['isDone'] = async (at, options) => {
    looks++
    return await errand.isDone(at, options)
  }
  return { errand: { ...errand, isDone }, looks: () => looks }
}

const sentBy = async (index: number, blockTag: 'latest' | 'pending' = 'latest'): Promise<number> =>
  await anvil.client.getTransactionCount({ address: anvil.accounts[index]!.address, blockTag })

/** No block is made until this has ended. */
async function withoutBlocks (work: () => Promise<void>): Promise<void> {
  await anvil.client.setAutomine(false)
  try {
    await work()
  } finally {
    await anvil.client.setAutomine(true)
    await anvil.mine()
  }
}

test('has a call made once, however often it is asked', async () => {
  const receipt = await senderOf(1).settle(timestamp('once'))
  expect(receipt).toMatchObject({ succeeded: true, gasUsed: expect.stringMatching(/^4\d{4}$/) as string })
  expect(await senderOf(1).settle(timestamp('once'))).toBeUndefined()
  const both = await Promise.all([senderOf(1).settle(timestamp('twice')), senderOf(1).settle(timestamp('twice'))])
  expect(both.filter(receipt => receipt !== undefined)).toHaveLength(1)
  expect(await sentBy(1)).toBe(2)
})

test('does one thing after the other for an account', async () => {
  const receipts = await Promise.all(['a', 'b', 'c', 'd'].map(async text => await senderOf(2).settle(timestamp(text))))
  expect(new Set(receipts.map(receipt => receipt?.transaction)).size).toBe(4)
  expect(await sentBy(2)).toBe(4)
})

test('resolves when as many blocks are above it as are waited for', async () => {
  const counted = counting(timestamp('deep'))
  let isSettled = false
  const settling = senderOf(3, { confirmations: 2 }).settle(counted.errand).finally(() => { isSettled = true })
  await expect.poll(async () => await sentBy(3)).toBe(1)
  for (let above = 0; above < 2; above++) {
    const looks = counted.looks()
    await expect.poll(counted.looks).toBeGreaterThan(looks + 6)
    expect(isSettled).toBe(false)
    await anvil.mine()
  }
  expect((await settling)?.succeeded).toBe(true)
})

test('says so when the contract refuses, before anything is sent', async () => {
  await senderOf(5).settle(timestamp('refused'))
  const never = timestamp('refused', { isDone: async () => await Promise.resolve(false) })
  await expect(senderOf(5).settle(never)).rejects.toThrow(ChainError)
  expect(await sentBy(5)).toBe(1)
})

test('says so when the account cannot pay', async () => {
  await anvil.client.setBalance({ address: anvil.accounts[6]!.address, value: 1n })
  await expect(senderOf(6).settle(timestamp('poor'))).rejects.toThrow(ChainError)
  expect(await sentBy(6)).toBe(0)
})

test('waits for a transaction that an earlier process sent, and sends none itself', async () => {
  await withoutBlocks(async () => {
    const killed = new AbortController()
    const first = senderOf(7).settle(timestamp('left'), { signal: killed.signal })
    await expect.poll(async () => await sentBy(7, 'pending')).toBe(1)
    killed.abort(new Error('killed'))
    await expect(first).rejects.toThrow('killed')
    const counted = counting(timestamp('left'))
    const second = senderOf(7).settle(counted.errand)
    await expect.poll(counted.looks).toBeGreaterThan(6)
    expect(await sentBy(7, 'pending')).toBe(1)
    await anvil.mine()
    expect(await second).toBeUndefined()
  })
  expect(await sentBy(7)).toBe(1)
})

test('sees what an earlier process sent also when it comes into a block between two looks', async () => {
  await withoutBlocks(async () => {
    const killed = new AbortController()
    const first = senderOf(4).settle(timestamp('between'), { signal: killed.signal })
    await expect.poll(async () => await sentBy(4, 'pending')).toBe(1)
    killed.abort(new Error('killed'))
    await expect(first).rejects.toThrow('killed')
    const { errand, looks } = counting(timestamp('between'))
    const isDone: Errand['isDone'] = async (at, options) => {
      const done = await errand.isDone(at, options)
      // The look before the nonces are asked for.
      if (looks() === 3) await anvil.mine()
      return done
    }
    expect(await senderOf(4).settle({ ...errand, isDone })).toBeUndefined()
  })
  expect(await sentBy(4)).toBe(1)
})

test('replaces a transaction that waits too long by one that pays more, under its nonce', async () => {
  await withoutBlocks(async () => {
    const settling = senderOf(8, { stuckMs: 50 }).settle(timestamp('stuck'))
    const prices = new Set<bigint | undefined>()
    await expect.poll(async () => {
      const { pending } = await anvil.client.getTxpoolContent()
      for (const { maxFeePerGas } of Object.values(Object.values(pending)[0] ?? {})) prices.add(BigInt(maxFeePerGas ?? 0))
      return prices.size
    }, { interval: 5 }).toBeGreaterThan(2)
    await anvil.mine()
    const receipt = await settling
    expect(receipt?.succeeded).toBe(true)
  })
  expect(await sentBy(8)).toBe(1)
})

test('goes on with the next nonce when another program used its own', async () => {
  await withoutBlocks(async () => {
    const settling = senderOf(9).settle(timestamp('taken'))
    await expect.poll(async () => await sentBy(9, 'pending')).toBe(1)
    const account = anvil.accounts[9]!
    const fees = { maxFeePerGas: parseGwei('500'), maxPriorityFeePerGas: parseGwei('400') }
    await anvil.client.sendTransaction({ account, to: account.address, nonce: 0, gas: 21_000n, ...fees })
    await anvil.mine()
    await expect.poll(async () => await sentBy(9, 'pending')).toBe(2)
    await anvil.mine()
    expect((await settling)?.succeeded).toBe(true)
  })
  expect(await sentBy(9)).toBe(2)
})
