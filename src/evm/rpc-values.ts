/**
 * What an endpoint of a chain answers, read as strictly as anything foreign: Ethereum's JSON-RPC writes numbers as `0x` and
 * hexadecimal digits (execution-apis, "QUANTITY"), and bytes of either case.
 */
import * as z from 'zod/mini'
import { isHex } from '../format/hex.ts'
import { field, problemOf } from '../format/schema.ts'
import type { Address, Hex } from '../interface/primitives.ts'

/** A block, as far as it is looked at. */
export interface Block {
  number: bigint
  hash: Hex
  /** Seconds since 1970. */
  time: bigint
}

/** A log of a contract in a block. */
export interface Log {
  address: Address
  topics: Hex[]
  data: Hex
  blockNumber: bigint
  blockHash: Hex
  transaction: Hex
  logIndex: number
}

const digits = /^0x[0-9a-f]{1,64}$/i
const hash = field(value => isHex(lower(value), 32), '32 bytes in hexadecimal')
const number = field(value => typeof value === 'string' && digits.test(value), 'a number in hexadecimal')
const bytes = field(value => typeof value === 'string' && /^0x(?:[0-9a-f]{2})*$/i.test(value), 'bytes in hexadecimal')

const block = z.object({ number, hash, timestamp: number })
const log = z.object({
  address: field(value => isHex(lower(value), 20), 'an address in hexadecimal'),
  topics: z.array(hash),
  data: bytes,
  blockNumber: number,
  blockHash: hash,
  transactionHash: hash,
  logIndex: number
})

/** @throws {@link TypeError} when it is not a number */
export function readNumber (value: unknown): bigint {
  expect(number, value, 'the number')
  return BigInt(value as string)
}

/** @throws {@link TypeError} when it is not bytes */
export function readBytes (value: unknown): Hex {
  expect(bytes, value, 'what was called')
  return lower(value) as Hex
}

/** @throws {@link TypeError} when it is neither a block nor `null`, which says that there is none */
export function readBlock (value: unknown): Block | undefined {
  if (value === null) return undefined
  expect(block, value, 'the block')
  const { number: at, hash: is, timestamp } = value as Record<'number' | 'hash' | 'timestamp', Hex>
  return { number: BigInt(at), hash: lower(is) as Hex, time: BigInt(timestamp) }
}

/** @throws {@link TypeError} when they are not logs */
export function readLogs (value: unknown): Log[] {
  if (!Array.isArray(value)) throw new TypeError('the logs are not an array')
  return value.map(readLog)
}

function readLog (value: unknown): Log {
  expect(log, value, 'a log')
  const { address, topics, data, blockNumber, blockHash, transactionHash, logIndex } = lowered(value as Record<string, unknown>)
  return {
    address: address as Address,
    topics: topics as Hex[],
    data: data as Hex,
    blockNumber: BigInt(blockNumber as Hex),
    blockHash: blockHash as Hex,
    transaction: transactionHash as Hex,
    logIndex: Number(logIndex)
  }
}

function expect (schema: z.ZodMiniType, value: unknown, what: string): void {
  const problem = problemOf(schema, value)
  if (problem !== undefined) throw new TypeError(`${what} is none: ${problem}`)
}

function lowered (value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).map(([name, of]) => [name, Array.isArray(of) ? of.map(lower) : lower(of)]))
}

function lower (value: unknown): unknown {
  return typeof value === 'string' ? value.toLowerCase() : value
}
