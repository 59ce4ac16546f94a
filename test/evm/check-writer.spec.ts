import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { checkWriter } from '../../src/evm/check-writer.ts'
import { chainPollMsDefault, confirmationsMax, rpcEndpointsMax } from '../../src/limits.ts'
import type { ContractWriterInit } from '../../src/evm/check-writer.ts'

const account = privateKeyToAccount(`0x${'5a'.repeat(32)}`)
const address = `0x${'FA'.repeat(20)}` as const
const given = { rpcUrls: ['http://127.0.0.1:1', 'https://rpc.example/key'], chainId: '18964747554', address }

test('takes a contract, and asks each endpoint by itself too', () => {
  const checked = checkWriter({ ...given, account }, 7)
  expect(checked).toMatchObject({ chainId: '18964747554', address: address.toLowerCase(), account, confirmations: 7, pollMs: chainPollMsDefault })
  expect(checked.each).toHaveLength(2)
  expect(checkWriter({ ...given, confirmations: 0, pollMs: 5 }, 7)).toMatchObject({ account: undefined, confirmations: 0, pollMs: 5 })
})

test.each([
  undefined, {}, { ...given, rpcUrls: [] }, { ...given, rpcUrls: 'http://a' }, { ...given, rpcUrls: ['ws://a'] }, { ...given, rpcUrls: ['a'] },
  { ...given, rpcUrls: Array(rpcEndpointsMax + 1).fill('http://a') }, { ...given, chainId: 1 }, { ...given, address: '0x' },
  { ...given, confirmations: -1 }, { ...given, confirmations: confirmationsMax + 1 }, { ...given, timeoutMs: 0 }, { ...given, pollMs: 0 },
  { ...given, account: '0x' }, { ...given, account: {} }, { ...given, account: { address } }
])('refuses what is none: %j', init => {
  expect(() => checkWriter(init as unknown as ContractWriterInit, 1)).toThrow(InvalidArgumentError)
})

test('shows no URL, which may have a key in it', () => {
  expect(() => checkWriter({ ...given, rpcUrls: ['ws://rpc.example/secret'] }, 1)).toThrow(/^(?!.*secret)/)
})
