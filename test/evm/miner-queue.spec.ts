import { toFunctionSelector, zeroHash } from 'viem'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { ChainError, InvalidArgumentError, MismatchError, RevertedError } from '../../src/errors.ts'
import { minerQueue } from '../../src/evm/miner-queue.ts'
import { startAnvil } from '../support/evm/anvil.ts'
import { deploySession } from '../support/evm/session-contracts.ts'
import type { MinerQueue, MinerQueueInit } from '../../src/evm/miner-queue.ts'
import type { Anvil } from '../support/evm/anvil.ts'
import type { SessionContracts } from '../support/evm/session-contracts.ts'

let anvil: Anvil
let contracts: SessionContracts
let sessionId: string
let taskId: string

beforeAll(async () => {
  anvil = await startAnvil()
  contracts = await deploySession(anvil)
})
afterAll(async () => { await anvil.stop() })
beforeEach(async () => {
  const id = await contracts.createSession([1, 2].map(index => anvil.accounts[index]!.address))
  sessionId = String(id)
  taskId = String(await contracts.submit(id, 'urn:task'))
})

function queueOf (index: number, change: Partial<MinerQueueInit> = {}): MinerQueue {
  return minerQueue({
    rpcUrls: [anvil.url], chainId: '31337', address: contracts.queue.address, account: anvil.accounts[index]!, confirmations: 0, pollMs: 50, ...change
  })
}

const sent = async (index: number): Promise<number> => await anvil.client.getTransactionCount({ address: anvil.accounts[index]!.address })

test('precommits and commits once, and says what the contract has', async () => {
  const [one, two] = [queueOf(1), queueOf(2)]
  const before = await sent(1)
  const hash = await one.getHash('urn:one')
  expect(hash).toBe(await contracts.hashOf('urn:one'))
  expect(await one.readAnswer(sessionId, taskId)).toEqual({ ended: false })
  const precommit = await one.precommit(sessionId, taskId, hash)
  expect(precommit?.succeeded).toBe(true)
  expect(await one.precommit(sessionId, taskId, hash)).toBeUndefined()
  expect(await one.readAnswer(sessionId, taskId)).toEqual({ hash, ended: false })
  await two.precommit(sessionId, taskId, await two.getHash('urn:two'))
  await Promise.all([one.precommitOver(sessionId, taskId), two.precommitOver(sessionId, taskId)])
  const commit = await one.commit(sessionId, taskId, 'urn:one')
  expect(await one.commit(sessionId, taskId, 'urn:one')).toBeUndefined()
  await two.commit(sessionId, taskId, 'urn:two')
  expect(await one.readAnswer(sessionId, taskId)).toEqual({ hash, data: 'urn:one', ended: true })
  expect(await sent(1)).toBe(before + 2)
  console.log(`precommit: ${precommit?.gasUsed} gas, commit of 7 characters: ${commit?.gasUsed} gas`)
})

test('acknowledges a task once, as another process sees too', async () => {
  const before = await sent(1)
  expect((await queueOf(1).ack(sessionId, taskId))?.succeeded).toBe(true)
  expect(await queueOf(1).ack(sessionId, taskId)).toBeUndefined()
  expect((await queueOf(2).ack(sessionId, taskId))?.succeeded).toBe(true)
  expect(await sent(1)).toBe(before + 1)
  await expect(queueOf(3).ack(sessionId, taskId)).rejects.toThrow('the acknowledgement of task')
})

test('waits until the precommits are over, however they are', async () => {
  const one = queueOf(1)
  await one.precommit(sessionId, taskId, await one.getHash('urn:one'))
  let isOver = false
  const waiting = one.precommitOver(sessionId, taskId).finally(() => { isOver = true })
  await one.readAnswer(sessionId, taskId)
  expect(isOver).toBe(false)
  await contracts.close('endPrecommit', BigInt(sessionId), BigInt(taskId))
  await waiting
  await anvil.mine(5)
  await one.precommitOver(sessionId, taskId)
})

test('takes no other task for its own, and ends with the signal', async () => {
  const other = await contracts.submit(BigInt(sessionId), 'urn:other')
  await contracts.close('endPrecommit', BigInt(sessionId), other)
  const controller = new AbortController()
  const waiting = queueOf(1).precommitOver(sessionId, taskId, { signal: controller.signal })
  await queueOf(1).precommitOver(sessionId, String(other))
  controller.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})

test('says so when something else was precommitted or committed, and sends nothing', async () => {
  const one = queueOf(1)
  const hash = await one.getHash('urn:one')
  await one.precommit(sessionId, taskId, hash)
  const before = await sent(1)
  await expect(one.precommit(sessionId, taskId, await one.getHash('urn:another'))).rejects.toThrow(MismatchError)
  await contracts.close('endPrecommit', BigInt(sessionId), BigInt(taskId))
  await expect(one.commit(sessionId, taskId, 'urn:another')).rejects.toThrow(RevertedError)
  expect(await sent(1)).toBe(before)
  await one.commit(sessionId, taskId, 'urn:one')
  await expect(one.commit(sessionId, taskId, 'urn:another')).rejects.toThrow(MismatchError)
})

test('says that the contract refuses, and why: too late, too early, or a miner that is not assigned', async () => {
  const refused = async (calling: Promise<unknown>, error: string): Promise<void> => {
    const thrown = await calling.catch((thrown: unknown) => thrown) as RevertedError
    expect(thrown).toBeInstanceOf(ChainError)
    expect(thrown).toMatchObject({ name: 'RevertedError', code: 'ERR_REVERTED', retryable: false })
    expect(thrown.message).toMatch(/^the (?:pre)?commit of task \d+ of session \d+ is refused by the contract: /)
    expect(String(thrown.details['data']).slice(0, 10)).toBe(toFunctionSelector(error))
  }
  await refused(queueOf(3).precommit(sessionId, taskId, zeroHash.replace('0x0', '0x1') as `0x${string}`), 'NotAssigned(address)')
  await refused(queueOf(1).commit(sessionId, taskId, 'urn:one'), 'WrongPhase(uint8)')
  await contracts.close('endPrecommit', BigInt(sessionId), BigInt(taskId))
  await refused(queueOf(1).precommit(sessionId, taskId, await queueOf(1).getHash('urn:one')), 'WrongPhase(uint8)')
})

test('refuses what is none of its arguments', async () => {
  const one = queueOf(1)
  await expect(one.precommit('x', taskId, zeroHash)).rejects.toThrow(InvalidArgumentError)
  await expect(one.precommit(sessionId, taskId, '0xab')).rejects.toThrow(InvalidArgumentError)
  await expect(one.commit(sessionId, taskId, '')).rejects.toThrow(InvalidArgumentError)
  await expect(one.commit(sessionId, '-1', 'urn')).rejects.toThrow(InvalidArgumentError)
  expect(() => queueOf(1, { account: undefined as never })).toThrow(InvalidArgumentError)
})
