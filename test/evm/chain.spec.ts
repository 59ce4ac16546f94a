import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { Endpoints } from '../../src/evm/endpoints.ts'
import { headLooksMax } from '../../src/limits.ts'
import { taskEventTopics } from '../../src/evm/task-event.ts'
import { FakeChain, contract } from '../support/evm/fake-endpoint.ts'
import type { LogRange } from '../../src/evm/chain.ts'
import type { Log } from '../../src/evm/rpc-values.ts'
import type { RpcAnswer, RpcCall } from '../support/evm/rpc-proxy.ts'

const filter = { address: contract, events: taskEventTopics, decode: (log: Log) => log.blockNumber }

function chainOf (blocks: number): FakeChain {
  const chain = new FakeChain()
  for (let number = 0; number < blocks; number++) chain.add(['TaskPrecommitEnded', 1n, BigInt(number)], ['TaskCommitEnded', 1n, BigInt(number)])
  return chain
}

async function readAll (chain: Chain, from: bigint, to: bigint): Promise<LogRange<bigint>[]> {
  return await Array.fromAsync(chain.logs(filter, from, to, {}))
}

/** A chain behind a real endpoint, which answers `eth_getLogs` as is said. */
async function answering (fake: FakeChain, getLogs: (call: RpcCall) => RpcAnswer): Promise<{ chain: Chain, ranges: string[] } & AsyncDisposable> {
  const endpoint = await fake.serve()
  const ranges: string[] = []
  endpoint.answer(call => {
    if (call.method !== 'eth_getLogs') return { result: fake.answer(call.method, call.params) }
    const { fromBlock, toBlock } = call.params[0] as Record<'fromBlock' | 'toBlock', string>
    ranges.push(`${Number(fromBlock)}-${Number(toBlock)}`)
    return getLogs(call)
  })
  const chain = new Chain(new Endpoints({ urls: [endpoint.url], chainId: '1', timeoutMs: 2_000 }))
  return { chain, ranges, [Symbol.asyncDispose]: async () => { await endpoint.stop() } }
}

function blocksOf ({ params }: RpcCall): number {
  const { fromBlock, toBlock } = params[0] as Record<'fromBlock' | 'toBlock', string>
  return Number(toBlock) - Number(fromBlock) + 1
}

test('the head has as many blocks above it as is said, or is the first one', async () => {
  const chain = new Chain(chainOf(5).endpoints)
  expect((await chain.head(0, {})).number).toBe(4n)
  expect((await chain.head(3, {})).number).toBe(1n)
  expect((await chain.head(4, {})).number).toBe(0n)
  expect((await chain.head(300, {})).number).toBe(0n)
  expect(await chain.block(5n, {})).toBeUndefined()
})

test('looks again for a newest block that is gone by the next question, and not for ever', async () => {
  const fake = chainOf(5)
  for (const missing of [headLooksMax - 1, headLooksMax]) {
    let looks = 0
    await using endpoint = await fake.serve()
    endpoint.answer(({ method, params }) =>
      method === 'eth_getBlockByNumber' && params[0] === '0x4' && looks++ < missing ? { result: null } : { result: fake.answer(method, params) })
    const chain = new Chain(new Endpoints({ urls: [endpoint.url], chainId: '1', timeoutMs: 2_000 }))
    if (missing < headLooksMax) expect((await chain.head(0, {})).number).toBe(4n)
    else await expect(chain.head(0, {})).rejects.toThrow('it has no block 4, and says that there are 4')
    expect(looks).toBe(headLooksMax)
  }
})

test('asks for logs in ranges that are halved as often as an endpoint refuses, and doubled when it does not', async () => {
  const fake = chainOf(20)
  const tooMany = { error: { code: -32005, message: 'query returned more than 10000 results' } }
  await using served = await answering(fake, call => blocksOf(call) > 3 ? tooMany : { result: fake.answer(call.method, call.params) })
  const read = await readAll(served.chain, 2n, 19n)
  expect(read.flatMap(({ logs }) => logs)).toEqual(Array.from({ length: 18 }, (_, index) => [BigInt(index + 2), BigInt(index + 2)]).flat())
  expect(served.ranges.slice(0, 5)).toEqual(['2-19', '2-10', '2-5', '2-3', '4-7'])
  expect(read.at(-1)?.end).toMatchObject({ number: 19n, hash: fake.blocks[19]!.hash })
})

test('gives up when the logs of one block are refused, and at once when nobody answers', async () => {
  const fake = chainOf(4)
  await using refusing = await answering(fake, () => ({ error: { code: -32000, message: 'never' } }))
  await expect(readAll(refusing.chain, 0n, 3n)).rejects.toThrow('never')
  expect(refusing.ranges).toEqual(['0-3', '0-1', '0-0'])
  await using failing = await answering(fake, () => 'fail')
  await expect(readAll(failing.chain, 0n, 3n)).rejects.toThrow(ChainError)
  await expect(readAll(failing.chain, 0n, 3n)).rejects.toThrow(ChainError)
  expect(failing.ranges).toEqual(['0-3', '0-1'])
})

test('refuses logs of another contract, of other events, of other blocks, or in another order', async () => {
  const lies: ((logs: ReturnType<FakeChain['answer']>) => unknown)[] = [
    logs => (logs as object[]).map(log => ({ ...log, address: `0x${'12'.repeat(20)}` })),
    logs => (logs as object[]).map(log => ({ ...log, topics: [`0x${'12'.repeat(32)}`] })),
    logs => (logs as object[]).map(log => ({ ...log, topics: [] })),
    logs => (logs as object[]).map(log => ({ ...log, blockNumber: '0x0' })),
    logs => (logs as object[]).toReversed(),
    logs => [...logs as object[], ...logs as object[]],
    logs => (logs as object[]).map((log, index) => ({ ...log, blockHash: `0x${String(index % 2).repeat(64)}` }))
  ]
  const fake = chainOf(4)
  for (const lie of lies) {
    await using served = await answering(fake, call => ({ result: lie(fake.answer(call.method, call.params)) }))
    await expect(readAll(served.chain, 1n, 2n)).rejects.toThrow('logs that were not asked for')
  }
})

test('does not believe that there are no logs in blocks that an endpoint does not have', async () => {
  const [behind, ahead] = [chainOf(2), chainOf(4)]
  await using first = await behind.serve()
  await using second = await ahead.serve()
  const chain = new Chain(new Endpoints({ urls: [first.url, second.url], chainId: '1', timeoutMs: 2_000 }))
  expect((await readAll(chain, 0n, 3n)).flatMap(({ logs }) => logs)).toHaveLength(8)
})

test('refuses a block that was not asked for, and a call of what is no contract', async () => {
  const wrong = { hash: `0x${'12'.repeat(32)}`, number: '0x9', timestamp: '0x1' }
  const chain = new Chain({ ask: async (_what, work) => await work(async method => method === 'eth_getBlockByNumber' ? wrong : '0x') })
  await expect(chain.block(1n, {})).rejects.toThrow('asked for block 1, it gave 9')
  await expect(chain.call('it', { to: contract, data: '0x', at: 1n }, result => result, {})).rejects.toThrow('there is no such contract')
})
