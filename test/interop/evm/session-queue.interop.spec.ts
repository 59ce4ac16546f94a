import { EventEmitter, once } from 'node:events'
import { toHex } from 'viem'
import { expect, test } from 'vitest'
import { createDataNode } from '../../../src/index.ts'
import { sessionQueue } from '../../../src/evm/index.ts'
import { startAnvil } from '../../support/evm/anvil.ts'
import { submitTask } from '../../support/evm/played-task.ts'
import { startRpcProxy } from '../../support/evm/rpc-proxy.ts'
import { deploySession } from '../../support/evm/session-contracts.ts'
import { Random } from '../../faults/random.ts'
import type { PrivateKeyAccount } from 'viem'
import type { SessionQueue, TaskEvent } from '../../../src/evm/index.ts'
import type { DataNode } from '../../../src/interface/data-node.ts'
import type { Anvil } from '../../support/evm/anvil.ts'
import type { RpcAnswer } from '../../support/evm/rpc-proxy.ts'
import type { SessionContracts } from '../../support/evm/session-contracts.ts'

const chainId = '421614'

async function start (anvil: Anvil, ...rpcUrls: string[]): Promise<{ contracts: SessionContracts, queue: SessionQueue }> {
  const contracts = await deploySession(anvil)
  return { contracts, queue: sessionQueue({ rpcUrls, chainId, address: contracts.queue.address, timeoutMs: 200 }) }
}

/** A node with the key of one of the chain's accounts, known to the others by the first one's address. */
async function startNode (account: number, routers: readonly string[] = []): Promise<DataNode> {
  const privateKey = toHex(account + 1, { size: 32 })
  return await createDataNode({ home: ':memory:', privateKey, listen: ['/ip4/127.0.0.1/tcp/0'], routers })
}

test('what a chain says of results is judged: right, altered, foreign, and copied', async () => {
  await using anvil = await startAnvil({ chainId: Number(chainId) })
  const { contracts, queue } = await start(anvil, anvil.url)
  const accounts = anvil.accounts.slice(1, 5)
  const [honest, altering, foreign, copying] = accounts as [PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount, PrivateKeyAccount]
  await using router = await startNode(0)
  await using miner = await startNode(1, router.multiaddrs)
  await using oracle = await startNode(5, [...router.multiaddrs, ...miner.multiaddrs])
  for (const node of [miner, oracle]) await node.ready({ signal: AbortSignal.timeout(30_000) })
  const session = { chainId, queue: contracts.queue.address.toLowerCase() as `0x${string}`, sessionId: '0' }
  const bundle = await router.publishTaskBundle({ session, prompt: { text: 'What is 6 by 7?' } }, { readers: 'anyone' })
  const { sessionId, taskId, task } = await submitTask(contracts, accounts, bundle.urn, chainId)
  expect((await queue.readTask(task)).data).toBe(bundle.urn)

  const assigned = await miner.fetchTaskBundle(bundle.urn)
  const result = await miner.publishResult({ task: assigned, taskId: task.taskId, output: { text: '42' } }, { reveal: 'later', readers: 'anyone' })
  const answers = [[honest, result.urn, result.urn], [altering, 'something else', undefined], [foreign, 'urn:blob:v2:s3:bucket', 'urn:blob:v2:s3:bucket'],
    [copying, result.urn, result.urn]] as const
  for (const [account, precommitted] of answers) await contracts.act(account, 'precommit', sessionId, taskId, await queue.getHash(precommitted), '')
  await result.reveal()
  await expect(contracts.act(altering, 'commit', sessionId, taskId, result.urn)).rejects.toThrow('HashMismatch')
  for (const [account, , committed] of answers) if (committed !== undefined) await contracts.act(account, 'commit', sessionId, taskId, committed)
  await contracts.close('end', sessionId, taskId)

  const claims = await queue.readTaskResults(task)
  expect(claims.map(({ miner: by }) => by)).toEqual([honest, foreign, copying].map(({ address }) => address.toLowerCase()))
  const { verdicts } = await oracle.verifyResults(await oracle.fetchTaskBundle(bundle.urn), claims, { taskId: task.taskId, hashOf: queue.getHash })
  expect(verdicts.map(({ status }) => status)).toEqual(['ok', 'malformed', 'copied'])
  const altered = await oracle.verifyResults(await oracle.fetchTaskBundle(bundle.urn),
    [{ ...claims[0]!, hash: await queue.getHash('something else') }], { taskId: task.taskId, hashOf: queue.getHash })
  expect(altered.verdicts[0]).toMatchObject({ status: 'mismatch', actual: await queue.getHash(result.urn) })
})

test('a watch through endpoints that fail, stall and lie, over a chain that is reorganised, tells what is on the chain in the end', async () => {
  await using anvil = await startAnvil({ chainId: Number(chainId) })
  await using proxy = await startRpcProxy(anvil.url)
  await using other = await startRpcProxy(anvil.url)
  const seed = process.env['CHAIN_SEED'] ?? '1'
  console.log(`CHAIN_SEED=${seed}`)
  const random = new Random('chain', seed)
  const { contracts, queue } = await start(anvil, proxy.url, other.url)
  const faults: RpcAnswer[] = ['fail', 'reset', 'garbage', 'stall', { result: null }, { result: '0x1' }, { error: { code: -32005, message: 'too many' } }]
  const fate = (): RpcAnswer => random.below(4) === 0 ? faults[random.below(faults.length)]! : 'forward'
  for (const endpoint of [proxy, other]) endpoint.answer(({ method }) => method === 'eth_chainId' ? 'forward' : fate())

  const fromBlock = String(await anvil.client.getBlockNumber() + 1n)
  const controller = new AbortController()
  const known = new Map<string, TaskEvent>()
  const told = new EventEmitter()
  let withdrawn = 0
  const watching = (async (): Promise<void> => {
    for await (const event of queue.watchTasks({ fromBlock, pollMs: 50, signal: controller.signal })) {
      const place = `${event.blockHash} ${event.logIndex}`
      expect(known.has(place), `${place} is ${event.removed ? 'taken back' : 'told'} once`).toBe(event.removed)
      if (event.removed) known.delete(place)
      else known.set(place, event)
      if (event.removed) withdrawn++
      else if (event.type === 'queued') told.emit(event.data)
    }
  })()
  const miner = anvil.accounts[1]!
  const sessionId = await contracts.createSession([miner.address])
  for (let round = 0; round < 12; round++) {
    const seen = once(told, `task ${round}`)
    const taskId = await contracts.submit(sessionId, `task ${round}`)
    await contracts.act(miner, 'ack', sessionId, taskId)
    await seen
    if (round % 3 === 2) {
      await anvil.reorganise(1 + random.below(3))
      await anvil.mine()
    }
  }
  const last = once(told, 'the last')
  await contracts.submit(sessionId, 'the last')
  await last
  const enough = new Error('enough')
  controller.abort(enough)
  await expect(watching).rejects.toBe(enough)
  expect(withdrawn).toBeGreaterThan(0)
  const logs = await anvil.client.getContractEvents({ address: contracts.queue.address, abi: contracts.queue.abi, fromBlock: BigInt(fromBlock) })
  const onChain = logs.map(({ blockHash, logIndex }) => `${blockHash} ${logIndex}`)
  expect([...known.keys()].sort()).toEqual(expect.arrayContaining(onChain.slice(0, -1).sort()))
  expect(onChain).toEqual(expect.arrayContaining([...known.keys()]))
})
