import { privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'
import { InvalidArgumentError } from '../../src/errors.ts'
import { easAnchor } from '../../src/evm/eas-anchor.ts'
import { anchoredAtOnceMax } from '../../src/limits.ts'
import type { Digest } from '../../src/interface/primitives.ts'

const account = privateKeyToAccount(`0x${'5a'.repeat(32)}`)
const anchor = easAnchor({ rpcUrls: ['http://127.0.0.1:1'], chainId: '1', address: `0x${'FA'.repeat(20)}`, account })
const digest: Digest = `0x${'ab'.repeat(32)}`

test('is named as CAIP-10 names a contract', () => {
  expect(anchor.id).toBe(`eip155:1:0x${'fa'.repeat(20)}`)
})

test.each([undefined, [], [''], ['0xab'], [digest.toUpperCase()], 'x', Array(anchoredAtOnceMax + 1).fill(digest)])('writes no %j', async digests => {
  await expect(anchor.write(digests as Digest[])).rejects.toThrow(InvalidArgumentError)
})

test('refuses what is no digest, and options that are none', async () => {
  await expect(anchor.read('0xab')).rejects.toThrow(InvalidArgumentError)
  await expect(anchor.read(digest, null as never)).rejects.toThrow(InvalidArgumentError)
})

test('ends with the reason of a signal, and with an error of its own when nobody answers', async () => {
  const reason = new Error('enough')
  await expect(anchor.write([digest], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  await expect(anchor.write([digest])).rejects.toMatchObject({ name: 'AnchorError', retryable: true, cause: { name: 'ChainError' } })
  await expect(anchor.read(digest)).rejects.toMatchObject({ name: 'AnchorError' })
})
