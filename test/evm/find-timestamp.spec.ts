import { encodeFunctionData, keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { easAbi } from '../../src/evm/eas-abi.ts'
import { Endpoints } from '../../src/evm/endpoints.ts'
import { findTimestamp, timeOf } from '../../src/evm/find-timestamp.ts'
import { startAnvil } from '../support/evm/anvil.ts'
import { deployEas } from '../support/evm/deploy.ts'
import type { Anvil } from '../support/evm/anvil.ts'
import type { Address, Digest } from '../../src/interface/primitives.ts'

let anvil: Anvil
let chain: Chain
let eas: Address

beforeAll(async () => {
  anvil = await startAnvil()
  eas = (await deployEas(anvil)).eas.address.toLowerCase() as Address
  chain = new Chain(new Endpoints({ urls: [anvil.url], chainId: '31337', timeoutMs: 5_000 }))
})
afterAll(async () => { await anvil.stop() })

const digestOf = (text: string): Digest => keccak256(toHex(text))

async function write (text: string): Promise<{ transaction: string, number: bigint }> {
  const data = encodeFunctionData({ abi: easAbi, functionName: 'timestamp', args: [digestOf(text)] })
  const hash = await anvil.client.sendTransaction({ to: eas, data })
  const { blockNumber } = await anvil.client.waitForTransactionReceipt({ hash })
  return { transaction: hash, number: blockNumber }
}

test('finds the transaction of a digest among many blocks, several of them in one second', async () => {
  await anvil.client.mine({ blocks: 20, interval: 3 })
  await anvil.client.setBlockTimestampInterval({ interval: 0 })
  const written = [await write('a'), await write('b'), await write('c')]
  await anvil.client.removeBlockTimestampInterval()
  await anvil.client.mine({ blocks: 40, interval: 5 })
  const { number: to } = await chain.head(0, {})
  const times = await Promise.all(['a', 'b', 'c'].map(async text => await timeOf(chain, eas, digestOf(text), to, {})))
  expect(new Set(times).size).toBe(1)
  for (const [at, text] of ['a', 'b', 'c'].entries()) {
    const { block, transaction } = await findTimestamp(chain, eas, { digest: digestOf(text), time: times[at]!, to }, {})
    expect({ number: block.number, transaction }).toEqual(written[at])
  }
})

test('has no time for what nobody wrote', async () => {
  expect(await timeOf(chain, eas, digestOf('never'), (await chain.head(0, {})).number, {})).toBe(0n)
})

test('says so when no block has the event', async () => {
  const { number: to, time } = await chain.head(0, {})
  for (const sought of [{ time, to }, { time: time - 1n, to }, { time: time + 1000n, to }]) {
    await expect(findTimestamp(chain, eas, { digest: digestOf('never'), ...sought }, {})).rejects.toThrow(ChainError)
  }
})
