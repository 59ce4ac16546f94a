import { join } from 'node:path'
import { privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createDataNode } from '../../../src/index.ts'
import { fastDirectory } from '../../faults/directories.ts'
import { startProgram } from '../../store/children.ts'
import { startAnvil } from '../../support/evm/anvil.ts'
import { deploySession } from '../../support/evm/session-contracts.ts'
import type { AnsweredTask } from '../../../src/evm/answer-task.ts'
import type { Anvil } from '../../support/evm/anvil.ts'
import type { SessionContracts } from '../../support/evm/session-contracts.ts'
import type { Address } from '../../../src/interface/primitives.ts'
import type { Child } from '../../store/children.ts'

const program = join(import.meta.dirname, 'programs', 'answering-miner.ts')
const privateKey = `0x${'5a'.repeat(32)}` as const
const miner = privateKeyToAccount(privateKey)
const steps = ['started', 'computed', 'published', 'precommitted', 'over', 'revealed', 'committed'] as const

/** A process takes its time to start on a busy machine. */
const startTime = { timeout: 60_000 }

let anvil: Anvil
let contracts: SessionContracts
let sessionId: bigint
let taskId: bigint
let home: string
let before: number

beforeAll(async () => {
  anvil = await startAnvil({ chainId: 421614 })
  await anvil.fund(miner.address)
  contracts = await deploySession(anvil)
})
afterAll(async () => { await anvil.stop() })
beforeEach(async () => {
  home = await fastDirectory()
  sessionId = await contracts.createSession([miner.address, anvil.accounts[5]!.address])
  taskId = await contracts.submit(sessionId, 'urn:task')
  before = await sent('latest')
})

const sent = async (blockTag: 'latest' | 'pending'): Promise<number> => await anvil.client.getTransactionCount({ address: miner.address, blockTag })

async function startMiner (last = ''): Promise<Child> {
  const { address } = contracts.queue
  return await startProgram([program, home, privateKey, anvil.url, '421614', address.toLowerCase(), String(sessionId), String(taskId), last])
}

/** The other miner of the task precommits: then the precommits are over. */
async function endWindow (): Promise<void> {
  await contracts.act(anvil.accounts[5]!, 'precommit', sessionId, taskId, await contracts.hashOf('urn:other'), '')
}

/** What the contract has of this miner. */
async function onChain (): Promise<{ data: string, hash: string }> {
  const { address, abi } = contracts.queue
  const answers = await anvil.client.readContract({ address, abi, functionName: 'getTaskResultsAndHashes', args: [sessionId, taskId] })
  const [, [data = ''], [hash = '']] = answers as [unknown, string[], string[]]
  return { data, hash }
}

async function expectAnswered (child: Child): Promise<void> {
  await expect.poll(() => child.lines.at(-1), startTime).toContain('"urn"')
  const { urn, hash } = JSON.parse(child.lines.at(-1)!) as { urn: string, hash: string }
  await child.kill()
  expect(await onChain()).toEqual({ data: urn, hash })
  expect(hash).toBe(await contracts.hashOf(urn))
  expect(await sent('latest')).toBe(before + 2)
  const node = await createDataNode({ home, privateKey })
  try {
    const queue = contracts.queue.address.toLowerCase() as Address
    const reference = { chainId: '421614', queue, sessionId: String(sessionId), taskId: String(taskId) }
    await using result = await node.result(reference) ?? expect.fail('there is no result')
    expect(result).toMatchObject({ urn, revealed: true, output: 'o' })
  } finally {
    await node.stop()
  }
}

test('a miner answers a task with two transactions', async () => {
  const child = await startMiner()
  await child.printed(4)
  expect(child.lines).toEqual(steps.slice(0, 4))
  await endWindow()
  await expectAnswered(child)
  const { precommit, commit } = JSON.parse(child.lines.at(-1)!) as AnsweredTask
  console.log(`precommit of a hash: ${precommit?.gasUsed} gas; commit of its URN: ${commit?.gasUsed} gas`)
})

test.each(steps.slice(1))('a miner that is killed when it has %s comes back and finishes, and does nothing twice', async step => {
  const killed = await startMiner(step)
  const at = steps.indexOf(step)
  if (at >= steps.indexOf('over')) {
    await killed.printed(steps.indexOf('precommitted') + 1)
    await endWindow()
  }
  await killed.printed(at + 1)
  await killed.kill()
  expect(killed.lines.at(-1)).toBe(step)
  if (at < steps.indexOf('over')) await endWindow().catch(() => { /* Later, when this one has precommitted too. */ })
  const child = await startMiner()
  await expectAnswered(child)
  expect(child.lines.includes('computed')).toBe(step === 'computed')
})

test.each(['precommit', 'commit'] as const)('a miner that is killed while its %s waits for a block sends no second one', async what => {
  if (what === 'precommit') await anvil.client.setAutomine(false)
  const killed = await startMiner()
  if (what === 'commit') {
    await killed.printed(4)
    await anvil.client.setAutomine(false)
    const ending = endWindow()
    await expect.poll(async () => (await anvil.client.getTxpoolStatus()).pending).toBe(1)
    await anvil.mine()
    await ending
  }
  const waiting = what === 'precommit' ? before + 1 : before + 2
  await expect.poll(async () => await sent('pending'), startTime).toBe(waiting)
  await killed.kill()
  const child = await startMiner()
  await child.printed(1)
  expect(await sent('latest')).toBe(waiting - 1)
  await anvil.mine()
  await anvil.client.setAutomine(true)
  if (what === 'precommit') await endWindow()
  await expectAnswered(child)
})
