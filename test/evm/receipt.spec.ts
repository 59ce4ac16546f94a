import { expect, test } from 'vitest'
import { findReceipt } from '../../src/evm/receipt.ts'
import type { Endpoints } from '../../src/evm/endpoints.ts'

const hash = (byte: string): `0x${string}` => `0x${byte.repeat(32)}`
const answer = { transactionHash: hash('AA').replace('0X', '0x'), blockNumber: '0x10', blockHash: hash('bb'), gasUsed: '0xb32d', status: '0x1', logs: [] }
const answering = (value: unknown): Pick<Endpoints, 'ask'> => ({
  ask: async (what, work) => {
    const asked: unknown[] = []
    const result = await work(async (method, params) => {
      asked.push(method, params)
      return await Promise.resolve(value)
    })
    expect([what, ...asked]).toEqual([`the receipt of ${hash('aa')}`, 'eth_getTransactionReceipt', [hash('aa')]])
    return result
  }
})

test('reads a receipt, and that there is none yet', async () => {
  expect(await findReceipt(answering(answer), hash('aa'), {})).toEqual({
    transaction: hash('aa'), blockNumber: '16', blockHash: hash('bb'), gasUsed: '45869', succeeded: true
  })
  expect((await findReceipt(answering({ ...answer, status: '0x0' }), hash('aa'), {}))?.succeeded).toBe(false)
  expect(await findReceipt(answering(null), hash('aa'), {})).toBeUndefined()
})

test.each([
  undefined, 5, 'x', {}, { ...answer, transactionHash: hash('ab') }, { ...answer, blockHash: null }, { ...answer, blockNumber: 16 },
  { ...answer, gasUsed: '0x' }, { ...answer, status: undefined }, { ...answer, gasUsed: `0x${'f'.repeat(65)}` }
])('refuses what is none, or another one: %j', async value => {
  await expect(findReceipt(answering(value), hash('aa'), {})).rejects.toThrow(TypeError)
})
