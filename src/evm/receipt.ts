import * as z from 'zod/mini'
import { isHex } from '../format/hex.ts'
import { field, problemOf } from '../format/schema.ts'
import type { AbortOptions, Hex, Uint256 } from '../interface/primitives.ts'
import type { Endpoints } from './endpoints.ts'

/** What became of a transaction that is in a block. */
export interface Receipt {
  transaction: Hex
  blockNumber: Uint256
  blockHash: Hex
  gasUsed: Uint256
  /** False when it was refused by the contract: it paid, and did nothing. */
  succeeded: boolean
}

const hash = field(value => typeof value === 'string' && isHex(value.toLowerCase(), 32), '32 bytes in hexadecimal')
const number = field(value => typeof value === 'string' && /^0x[0-9a-f]{1,64}$/i.test(value), 'a number in hexadecimal')
const receipt = z.object({ transactionHash: hash, blockNumber: number, blockHash: hash, gasUsed: number, status: number })

/**
 * Asks what became of a transaction.
 *
 * @returns undefined while it is in no block
 * @throws {@link ChainError} when no endpoint answers, or the answer is none
 */
export async function findReceipt (endpoints: Pick<Endpoints, 'ask'>, transaction: Hex, options: AbortOptions): Promise<Receipt | undefined> {
  return await endpoints.ask(`the receipt of ${transaction}`, async ask => readReceipt(await ask('eth_getTransactionReceipt', [transaction]), transaction), options)
}

function readReceipt (value: unknown, asked: Hex): Receipt | undefined {
  if (value === null) return undefined
  const problem = problemOf(receipt, value)
  if (problem !== undefined) throw new TypeError(`the receipt is none: ${problem}`)
  const { transactionHash, blockNumber, blockHash, gasUsed, status } = value as Record<string, Hex>
  const transaction = transactionHash?.toLowerCase() as Hex
  if (transaction !== asked) throw new TypeError(`the receipt is that of ${transaction}`)
  return {
    transaction,
    blockNumber: BigInt(blockNumber ?? 0).toString(),
    blockHash: blockHash?.toLowerCase() as Hex,
    gasUsed: BigInt(gasUsed ?? 0).toString(),
    succeeded: BigInt(status ?? 0) === 1n
  }
}
