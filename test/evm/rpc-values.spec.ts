import { expect, test } from 'vitest'
import { readBlock, readBytes, readLogs, readNumber } from '../../src/evm/rpc-values.ts'

const hash = `0x${'Ab'.repeat(32)}`
const log = {
  address: `0x${'Cd'.repeat(20)}`, topics: [hash], data: '0xFF', blockNumber: '0x10', blockHash: hash, transactionHash: hash, logIndex: '0x2'
}

test('reads numbers, bytes, blocks and logs into lower case', () => {
  expect(readNumber('0x0')).toBe(0n)
  expect(readBytes('0xFFee')).toBe('0xffee')
  expect(readBlock({ number: '0x1', hash, timestamp: '0x65', size: '0x1' })).toEqual({ number: 1n, hash: hash.toLowerCase(), time: 101n })
  expect(readBlock(null)).toBeUndefined()
  const lower = hash.toLowerCase()
  expect(readLogs([log])).toEqual([{
    address: log.address.toLowerCase(), topics: [lower], data: '0xff', blockNumber: 16n, blockHash: lower, transaction: lower, logIndex: 2
  }])
})

test.each([undefined, null, 1, '', '0x', '1', '0xg', `0x1${'0'.repeat(64)}`])('refuses %j as a number', (value) => {
  expect(() => readNumber(value)).toThrow(TypeError)
})

test.each([undefined, '0x1', 'ff', {}])('refuses %j as bytes', (value) => {
  expect(() => readBytes(value)).toThrow(TypeError)
})

test.each([undefined, [], 'block', { number: '0x1', hash }, { number: 1, hash, timestamp: '0x1' }])('refuses %j as a block', (value) => {
  expect(() => readBlock(value)).toThrow(TypeError)
})

test('refuses logs of which one lacks a field, or is of no block yet', () => {
  expect(() => readLogs(null)).toThrow(TypeError)
  for (const field of Object.keys(log)) {
    expect(() => readLogs([log, { ...log, [field]: null }])).toThrow('a log is none')
  }
})
