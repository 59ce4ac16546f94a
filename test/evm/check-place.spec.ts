import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { checkPlace } from '../../src/evm/check-place.ts'
import { chainTimeoutMsMax, confirmationsMax, rpcEndpointsMax, rpcTimeoutMsDefault } from '../../src/limits.ts'
import type { ContractPlaceInit } from '../../src/evm/check-place.ts'

const given = { rpcUrls: ['http://127.0.0.1:1', 'https://rpc.example/key'], chainId: '18964747554', address: `0x${'Ab'.repeat(20)}` } as const

test('takes a place as it is said, with what is left out by default', () => {
  expect(checkPlace(given, 3)).toEqual({ ...given, address: `0x${'ab'.repeat(20)}`, confirmations: 3, timeoutMs: rpcTimeoutMsDefault })
  expect(checkPlace({ ...given, confirmations: 0, timeoutMs: 5 }, 3)).toMatchObject({ confirmations: 0, timeoutMs: 5 })
})

test.each<unknown>([
  undefined, {}, { ...given, rpcUrls: [] }, { ...given, rpcUrls: 'http://a' }, { ...given, rpcUrls: ['ws://a'] }, { ...given, rpcUrls: ['a'] },
  { ...given, rpcUrls: Array(rpcEndpointsMax + 1).fill('http://a') }, { ...given, chainId: 1 }, { ...given, chainId: '01' },
  { ...given, address: '0x' }, { ...given, confirmations: -1 }, { ...given, confirmations: confirmationsMax + 1 },
  { ...given, timeoutMs: 0 }, { ...given, timeoutMs: chainTimeoutMsMax + 1 }
])('refuses %j', init => {
  expect(() => checkPlace(init as ContractPlaceInit, 0)).toThrow(InvalidArgumentError)
})

test('names an endpoint that is none by its place, because its URL may have a key in it', () => {
  const init = { ...given, rpcUrls: ['http://a', 'ws://rpc.example/secret'] }
  expect(() => checkPlace(init, 0)).toThrow(/^rpcUrls\[1\] must be a URL of http: or https:$/)
})
