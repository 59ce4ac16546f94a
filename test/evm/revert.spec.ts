import { encodeErrorResult, RpcRequestError, UnknownRpcError } from 'viem'
import { expect, test } from 'vitest'
import { revertOf } from '../../src/evm/revert.ts'
import { revertDataBytesMax } from '../../src/limits.ts'

const text = [{ type: 'error', name: 'Error', inputs: [{ name: 'message', type: 'string' }] }] as const
const panic = [{ type: 'error', name: 'Panic', inputs: [{ name: 'reason', type: 'uint256' }] }] as const
const data = encodeErrorResult({ abi: text, errorName: 'Error', args: ['not assigned'] })
const overflow = encodeErrorResult({ abi: panic, errorName: 'Panic', args: [17n] })

/** As viem throws what an endpoint answered. */
function answered (code: number, message: string, data?: unknown): Error {
  return new UnknownRpcError(new RpcRequestError({ body: {}, url: 'http://127.0.0.1', error: { code, message, data } }))
}

test.each([
  ['the words of the contract', answered(3, 'execution reverted: not assigned', data), { reason: '"not assigned"', data }],
  ['words without data', answered(-32000, 'execution reverted: too late'), { reason: '"too late"' }],
  ['data in an object', answered(-32603, 'VM Exception: reverted', { data }), { reason: '"not assigned"', data }],
  ['a panic', answered(3, 'execution reverted', overflow), { reason: '"panic 17"', data: overflow }],
  ['an error of its own', answered(3, 'execution reverted', '0xAABBCCDD'), { data: '0xaabbccdd' }],
  ['no reason', answered(3, 'execution reverted', '0x'), {}]
])('reads %s', (_, error, revert) => {
  expect(revertOf(error)).toEqual(revert)
})

test.each([
  ['an endpoint that is not there', new TypeError('reverted')], ['something else that is refused', answered(-32000, 'nonce too low')], ['nothing', undefined]
])('takes %s for no revert', (_, error) => {
  expect(revertOf(error)).toBeUndefined()
})

test('shows little of a long reason, in quotes, and leaves out data that no error has', () => {
  const { reason, data } = revertOf(answered(3, `execution reverted: \u202e${'x'.repeat(100_000)}`, `0x${'ab'.repeat(revertDataBytesMax + 1)}`)) ?? {}
  expect(reason).toMatch(/^"\\u202ex+"… \(100001 characters\)$/)
  expect(reason!.length).toBeLessThan(300)
  expect(data).toBeUndefined()
})
