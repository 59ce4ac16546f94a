import { decodeFunctionResult, encodeEventTopics, encodeFunctionData } from 'viem'
import { ChainError } from '../errors.ts'
import { sameTimeBlocksMax } from '../limits.ts'
import { easAbi } from './eas-abi.ts'
import { findBlock } from './find-block.ts'
import type { AbortOptions, Address, Digest, Hex } from '../interface/primitives.ts'
import type { Chain } from './chain.ts'
import type { Block, Log } from './rpc-values.ts'

/** What is looked for. */
export interface SoughtTimestamp {
  digest: Digest
  /** What {@link timeOf} gave. */
  time: bigint
  /** A block that is not before it. */
  to: bigint
}

/** Where EAS wrote a digest. */
export interface FoundTimestamp {
  block: Block
  transaction: Hex
}

const getTimestamp = { abi: easAbi, functionName: 'getTimestamp' } as const
const [timestamped] = encodeEventTopics({ abi: easAbi, eventName: 'Timestamped' }) as [Hex]

/** The time that EAS has for a digest at a block, in seconds since 1970; 0 when it has none. */
export async function timeOf (chain: Pick<Chain, 'call'>, eas: Address, digest: Digest, at: bigint,
  options: AbortOptions): Promise<bigint> {
  const data = encodeFunctionData({ ...getTimestamp, args: [digest] })
  const decode = (result: Hex): bigint => decodeFunctionResult({ ...getTimestamp, data: result })
  return await chain.call(`the time of ${digest}`, { to: eas, data, at }, decode, options)
}

/**
 * Finds the block and the transaction in which EAS wrote a digest: by the time that it has for it, so that no more than the
 * blocks of one second are looked through.
 *
 * @throws {@link ChainError} when its event is not there, or no endpoint answers
 */
export async function findTimestamp (chain: Pick<Chain, 'block' | 'logs'>, eas: Address, { digest, time, to }: SoughtTimestamp,
  options: AbortOptions): Promise<FoundTimestamp> {
  const filter = { address: eas, events: [timestamped], decode: (log: Log): Log => log }
  const first = await findBlock(chain, time, 0n, to, options)
  for (let number = first; number <= to && number < first + BigInt(sameTimeBlocksMax); number++) {
    const block = await chain.block(number, options)
    if (block?.time !== time) break
    for await (const { logs } of chain.logs(filter, number, number, options)) {
      const log = logs.find(({ topics }) => topics[1] === digest)
      if (log?.blockHash === block.hash) return { block, transaction: log.transaction }
    }
  }
  throw new ChainError(`EAS has the time ${time} for ${digest}, and no block of that time has its event: an endpoint is wrong, or blocks were abandoned`,
    { digest, time: time.toString() })
}
