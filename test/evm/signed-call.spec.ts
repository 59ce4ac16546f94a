import { keccak256, parseTransaction, recoverTransactionAddress } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { signAgain, signCall } from '../../src/evm/signed-call.ts'
import type { Endpoints } from '../../src/evm/endpoints.ts'
import type { CallSigner } from '../../src/evm/signed-call.ts'

const account = privateKeyToAccount(`0x${'5a'.repeat(32)}`)
const call = { to: `0x${'fa'.repeat(20)}`, data: '0x1234' } as const
const modern: Record<string, unknown> = {
  eth_estimateGas: '0x5208', eth_getBlockByNumber: { baseFeePerGas: '0x64' }, eth_gasPrice: '0x6e', eth_maxPriorityFeePerGas: '0x5'
}

function signerOf (answers: Record<string, unknown>): CallSigner & { asked: unknown[] } {
  const asked: unknown[] = []
  const endpoints: Pick<Endpoints, 'ask'> = {
    ask: async (_, work) => await work(async (method, params) => {
      asked.push([method, params])
      if (answers[method] === undefined) throw new Error('no such method')
      return await Promise.resolve(answers[method])
    })
  }
  return { endpoints, asked, chainId: '18964747554', account }
}

test('signs exactly the call, for its chain, with a fifth more gas than it needs and fees for some full blocks', async () => {
  const signer = signerOf(modern)
  const signed = await signCall(signer, call, 7, {})
  expect(parseTransaction(signed.raw)).toMatchObject({
    ...call, chainId: 18964747554, nonce: 7, gas: 25_200n, maxFeePerGas: 205n, maxPriorityFeePerGas: 5n, type: 'eip1559'
  })
  expect(await recoverTransactionAddress({ serializedTransaction: signed.raw as `0x02${string}` })).toBe(account.address)
  expect(signed.hash).toBe(keccak256(signed.raw))
  expect(signer.asked[0]).toEqual(['eth_estimateGas', [{ from: account.address, ...call }, 'latest']])
})

test('pays by a price alone where blocks have no base fee, and what is over it where a node names no priority fee', async () => {
  const old = await signCall(signerOf({ ...modern, eth_getBlockByNumber: {} }), call, 0, {})
  expect(parseTransaction(old.raw)).toMatchObject({ type: 'legacy', gasPrice: 132n })
  const silent = await signCall(signerOf({ ...modern, eth_maxPriorityFeePerGas: undefined }), call, 0, {})
  expect(silent.fees).toEqual({ maxFeePerGas: 210n, maxPriorityFeePerGas: 10n })
})

test('takes the place of a transaction by the same call for a quarter more, or for what it costs now when that is more', async () => {
  const signed = await signCall(signerOf(modern), call, 7, {})
  const again = await signAgain(signerOf({ ...modern, eth_estimateGas: undefined }), signed, {})
  expect(parseTransaction(again.raw)).toMatchObject({ ...call, nonce: 7, gas: 25_200n, maxFeePerGas: 257n, maxPriorityFeePerGas: 7n })
  const dearer = await signAgain(signerOf({ ...modern, eth_getBlockByNumber: { baseFeePerGas: '0x3e8' } }), signed, {})
  expect(dearer.fees).toEqual({ maxFeePerGas: 2005n, maxPriorityFeePerGas: 7n })
  const old = await signCall(signerOf({ ...modern, eth_getBlockByNumber: {} }), call, 0, {})
  expect((await signAgain(signerOf({ ...modern, eth_getBlockByNumber: {} }), old, {})).fees).toEqual({ gasPrice: 166n })
  expect((await signAgain(signerOf({ ...modern, eth_getBlockByNumber: {} }), signed, {})).fees).toEqual({ gasPrice: 257n })
  expect((await signAgain(signerOf(modern), old, {})).fees).toEqual({ maxFeePerGas: 205n, maxPriorityFeePerGas: 166n })
})

test('does not wait for a signer that does not answer', async () => {
  const controller = new AbortController()
  const silent = { ...account, signTransaction: async () => await new Promise<never>(() => { controller.abort(new Error('enough')) }) }
  await expect(signCall({ ...signerOf(modern), account: silent }, call, 0, { signal: controller.signal })).rejects.toThrow('enough')
})
