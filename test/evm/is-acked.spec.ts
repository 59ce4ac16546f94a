import { encodeAbiParameters, encodeEventTopics } from 'viem'
import { expect, test } from 'vitest'
import { isAcked } from '../../src/evm/is-acked.ts'
import { sessionQueueAbi } from '../../src/evm/session-queue-abi.ts'
import type { Chain } from '../../src/evm/chain.ts'
import type { Log } from '../../src/evm/rpc-values.ts'
import type { Address, Hex } from '../../src/interface/primitives.ts'

const queue: Address = `0x${'c0'.repeat(20)}`
const [miner, other]: Address[] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`]
const task = { chainId: '1', queue, sessionId: '7', taskId: '0' }
const topics = encodeEventTopics({ abi: sessionQueueAbi, eventName: 'TaskAcked' }) as Hex[]

function acked (sessionId: bigint, taskId: bigint, by: Address): Log {
  const data = encodeAbiParameters([{ type: 'uint256' }, { type: 'uint256' }, { type: 'address' }], [sessionId, taskId, by])
  return { address: queue, topics, data, blockNumber: 3n, blockHash: `0x${'11'.repeat(32)}`, transaction: `0x${'22'.repeat(32)}`, logIndex: 0 }
}

/** A chain with one range of logs for each list. */
function chainOf (...ranges: Log[][]): Pick<Chain, 'logs'> & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    asked,
    logs: async function * (filter, from, to) {
      asked.push([filter.address, filter.events, from, to])
      for (const logs of ranges) {
        yield await Promise.resolve({ end: { number: to, hash: `0x${'11'.repeat(32)}`, time: 0n } as never, logs: logs.map(filter.decode) })
      }
    }
  }
}

test('asks for acknowledgements alone, in the blocks that it was told', async () => {
  const chain = chainOf()
  expect(await isAcked(chain, { task, miner: miner!, from: 2n, to: 9n }, {})).toBe(false)
  expect(chain.asked).toEqual([[queue, topics, 2n, 9n]])
})

test('takes no other task, session or miner for its own', async () => {
  const init = { task, miner: miner!, from: 2n, to: 9n }
  const others = [acked(7n, 1n, miner!), acked(8n, 0n, miner!), acked(7n, 0n, other!)]
  expect(await isAcked(chainOf(others), init, {})).toBe(false)
  expect(await isAcked(chainOf(others, [acked(7n, 0n, miner!)]), init, {})).toBe(true)
})
