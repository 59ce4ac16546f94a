import { keccak256, toHex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ChainError, InvalidArgumentError } from '../../src/errors.ts'
import { sessionQueue } from '../../src/evm/session-queue.ts'
import { startAnvil } from '../support/evm/anvil.ts'
import { answerTask, lower, submitTask } from '../support/evm/played-task.ts'
import { startRpcProxy } from '../support/evm/rpc-proxy.ts'
import { deploySession } from '../support/evm/session-contracts.ts'
import type { TaskEvent } from '../../src/interface/chain.ts'
import type { Anvil } from '../support/evm/anvil.ts'
import type { SessionContracts } from '../support/evm/session-contracts.ts'

const urn = 'urn:blob:v2:ipfs:bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'

let anvil: Anvil
let contracts: SessionContracts

beforeAll(async () => {
  anvil = await startAnvil()
  contracts = await deploySession(anvil)
})

afterAll(async () => await anvil.stop())

function queueAt (...rpcUrls: string[]): ReturnType<typeof sessionQueue> {
  return sessionQueue({ rpcUrls, chainId: '31337', address: contracts.queue.address, timeoutMs: 2_000 })
}

async function collect (events: AsyncIterable<TaskEvent>, count: number): Promise<TaskEvent[]> {
  const taken: TaskEvent[] = []
  for await (const event of events) if (taken.push(event) === count) break
  return taken
}

test('reads a task with its miners in the order of the contract, and when each did what', async () => {
  const [, first, second, third] = anvil.accounts
  const played = await submitTask(contracts, [first!, second!, third!], urn)
  const { sessionId, taskId, task } = played
  const time = async (): Promise<string> => String((await anvil.client.getBlock()).timestamp)
  const assignedAt = await time()
  await anvil.client.increaseTime({ seconds: 7 })
  await contracts.act(second!, 'ack', sessionId, taskId)
  const acknowledgedAt = await time()
  await anvil.client.increaseTime({ seconds: 7 })
  await contracts.act(second!, 'precommit', sessionId, taskId, await contracts.hashOf(urn), '')
  const precommittedAt = await time()
  const queue = queueAt(anvil.url)
  const hash = keccak256(toHex(urn))
  const miners = [
    { miner: lower(first!.address), assignedAt },
    { miner: lower(second!.address), assignedAt, acknowledgedAt, precommittedAt, hash },
    { miner: lower(third!.address), assignedAt }
  ]
  expect(await queue.readTask(task)).toEqual({ task, data: urn, createdAt: assignedAt, ended: false, miners })

  await contracts.close('endPrecommit', sessionId, taskId)
  await anvil.client.increaseTime({ seconds: 7 })
  await contracts.act(second!, 'commit', sessionId, taskId, urn)
  const committedAt = await time()
  await anvil.mine(5)
  Object.assign(miners[1]!, { committedAt, data: urn })
  const whole = { task, data: urn, createdAt: assignedAt, finishedAt: committedAt, ended: true, miners }
  expect(await queue.readTask(task)).toEqual(whole)
  expect(await Array.fromAsync(queue.readTasks(task))).toEqual([whole])
  expect(await Array.fromAsync(queue.readTasks({ ...task, sessionId: '77' }))).toEqual([])
})

test('gives what was committed as claims, also when it is no reference', async () => {
  const [, first, second, third] = anvil.accounts
  const played = await submitTask(contracts, [first!, second!, third!], urn)
  await contracts.act(third!, 'precommit', played.sessionId, played.taskId, toHex(1n, { size: 32 }), '')
  await answerTask(contracts, played, [[first!, urn], [second!, 'urn:blob:v2:s3:elsewhere']])
  const queue = queueAt(anvil.url)
  expect(await queue.readTaskResults(played.task)).toEqual([
    { miner: lower(first!.address), ref: urn, hash: keccak256(toHex(urn)) },
    { miner: lower(second!.address), ref: 'urn:blob:v2:s3:elsewhere', hash: keccak256(toHex('urn:blob:v2:s3:elsewhere')) }
  ])
  const { getHash } = queue
  expect(await getHash(urn)).toBe(keccak256(toHex(urn)))
})

test('gives claims in the order of the precommits, and not of the miners', async () => {
  const [, first, second, third] = anvil.accounts
  const played = await submitTask(contracts, [first!, second!, third!], urn)
  const hash = keccak256(toHex(urn))
  for (const miner of [third!, first!, second!]) await contracts.act(miner, 'precommit', played.sessionId, played.taskId, hash, '')
  for (const miner of [first!, second!, third!]) await contracts.act(miner, 'commit', played.sessionId, played.taskId, urn)
  const claims = await queueAt(anvil.url).readTaskResults(played.task)
  expect(claims.map(({ miner }) => miner)).toEqual([third!, first!, second!].map(({ address }) => lower(address)))
})

test('watches what concerns a miner, from a block on and as it comes', async () => {
  const [, first, second] = anvil.accounts
  const fromBlock = String(await anvil.client.getBlockNumber() + 1n)
  const played = await submitTask(contracts, [first!, second!], urn)
  await submitTask(contracts, [second!], urn)
  const miner = first!.address
  const watch = queueAt(anvil.url).watchTasks({ miner, fromBlock, types: ['assigned', 'precommitted', 'precommit-over', 'ended'], pollMs: 50 })
  const events = collect(watch, 4)
  await answerTask(contracts, played, [[second!, urn], [first!, urn]])
  const seen = await events
  expect(seen.map(({ type, task, removed }) => ({ type, task, removed }))).toEqual(['assigned', 'precommitted', 'precommit-over', 'ended']
    .map(type => ({ type, task: played.task, removed: false })))
  expect(seen[0]).toMatchObject({ miners: [lower(first!.address), lower(second!.address)] })
  const { blockNumber, blockHash, time, transaction } = seen[3]!
  const block = await anvil.client.getBlock({ blockNumber: BigInt(blockNumber) })
  expect({ blockHash, time, transaction }).toEqual({ blockHash: block.hash, time: String(block.timestamp), transaction: block.transactions[0] })
})

test('takes back what stood in abandoned blocks, the last one first, and tells what stands in their place', async () => {
  const [, first] = anvil.accounts
  const signal = AbortSignal.timeout(10_000)
  const fromBlock = String(await anvil.client.getBlockNumber() + 1n)
  const { sessionId, taskId, task } = await submitTask(contracts, [first!], 'given up')
  const events = queueAt(anvil.url).watchTasks({ fromBlock, pollMs: 50, signal })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const { value } = await events.next() as { value: TaskEvent }
    return [value.type, value.removed]
  }
  expect([await next(), await next()]).toEqual([['queued', false], ['assigned', false]])
  const pending = next()
  await contracts.act(first!, 'ack', sessionId, taskId)
  expect(await pending).toEqual(['acknowledged', false])
  await anvil.reorganise(2)
  await anvil.mine()
  expect([await next(), await next(), await next()]).toEqual([['acknowledged', true], ['assigned', true], ['queued', true]])
  await contracts.submit(sessionId, urn)
  const { value } = await events.next() as { value: TaskEvent }
  expect(value).toMatchObject({ type: 'queued', data: urn, task, removed: false })
  await events.return?.()
})

test('goes on after an outage with what was missed', async () => {
  await using proxy = await startRpcProxy(anvil.url)
  const [, first] = anvil.accounts
  const errors: Error[] = []
  const failed = Promise.withResolvers<Error>()
  const onError = (error: Error): void => { errors.push(error); failed.resolve(error) }
  const fromBlock = String(await anvil.client.getBlockNumber() + 1n)
  const events = collect(queueAt(proxy.url).watchTasks({ fromBlock, types: ['queued'], pollMs: 50, onError }), 2)
  proxy.answer('fail')
  await failed.promise
  await submitTask(contracts, [first!], 'the first')
  await submitTask(contracts, [first!], 'the second')
  proxy.answer('forward')
  expect((await events).map(event => event.type === 'queued' && event.data)).toEqual(['the first', 'the second'])
  expect(errors[0]).toBeInstanceOf(ChainError)
})

test('reads from another endpoint when one fails, stalls, lies, or is of another chain', async () => {
  await using anotherChain = await startAnvil({ chainId: 1 })
  await using proxy = await startRpcProxy(anvil.url)
  const [, first] = anvil.accounts
  const played = await submitTask(contracts, [first!], urn)
  await answerTask(contracts, played, [[first!, urn]])
  const expected = await queueAt(anvil.url).readTask(played.task)
  const lies = ['fail', 'stall', 'reset', 'garbage', { result: null }, { result: '0x' }, { result: [] }, { error: { code: -32000, message: 'no' } },
    { change: (result: unknown) => typeof result === 'string' ? result.slice(0, -2) : { ...Object(result) as object, hash: '0x12' } }] as const
  for (const how of lies) {
    proxy.answer(({ method }) => method === 'eth_chainId' ? 'forward' : how)
    const queue = sessionQueue({ rpcUrls: [anotherChain.url, proxy.url, anvil.url], chainId: '31337', address: contracts.queue.address, timeoutMs: 300 })
    expect(await queue.readTask(played.task)).toEqual(expected)
    const alone = sessionQueue({ rpcUrls: [proxy.url], chainId: '31337', address: contracts.queue.address, timeoutMs: 300 })
    await expect(alone.readTask(played.task)).rejects.toThrow(ChainError)
  }
  await expect(queueAt(anotherChain.url).readTask(played.task)).rejects.toThrow('it is of chain 1')
  await expect(queueAt(anotherChain.url).watchTasks()[Symbol.asyncIterator]().next()).rejects.toMatchObject({ name: 'ChainError', retryable: false })
})

test('ends with the reason of the signal', async () => {
  await using proxy = await startRpcProxy(anvil.url)
  proxy.answer('stall')
  const controller = new AbortController()
  const reading = queueAt(proxy.url).getHash(urn, { signal: controller.signal })
  const watching = queueAt(anvil.url).watchTasks({ signal: controller.signal })[Symbol.asyncIterator]().next()
  const reason = new Error('enough')
  controller.abort(reason)
  await expect(reading).rejects.toBe(reason)
  await expect(watching).rejects.toBe(reason)
})

test('refuses tasks of another chain or contract, and what is no endpoint', async () => {
  const queue = queueAt(anvil.url)
  const task = { chainId: '31337', queue: contracts.queue.address, sessionId: '0', taskId: '99' }
  await expect(queue.readTask({ ...task, chainId: '1' })).rejects.toThrow(InvalidArgumentError)
  await expect(queue.readTask({ ...task, queue: anvil.accounts[0]!.address })).rejects.toThrow(InvalidArgumentError)
  await expect(queue.readTask(task)).rejects.toThrow('There is no task 99')
  expect(() => queueAt()).toThrow(InvalidArgumentError)
  expect(() => queueAt('ws://127.0.0.1:1')).toThrow('rpcUrls[0] must be a URL of http: or https:')
  const watch = queue.watchTasks({ types: ['assigned', 'finished' as 'ended'] })
  await expect(Array.fromAsync(watch)).rejects.toThrow('types must be of queued, assigned')
})
