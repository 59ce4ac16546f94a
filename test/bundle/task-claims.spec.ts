import { expect, test } from 'vitest'
import { claimTask } from '../../src/bundle/task-claims.ts'
import { AlreadyAnsweredError } from '../../src/errors.ts'
import { TestDag } from './dags.ts'
import { FakeStore } from './fake-store.ts'

const dag = new TestDag()
const [first, second] = [dag.directory([]), dag.directory([{ name: 'a', cid: dag.raw('x') }])]
const task = { chainId: '1', queue: `0x${'cc'.repeat(20)}`, sessionId: '7', taskId: '0' } as const
const miner = `0x${'11'.repeat(20)}` as const

test('refuses another root until the last claim on the first is given back', () => {
  const store = new FakeStore()
  const claims = [claimTask(store, miner, task, first), claimTask(store, miner, task, first)]
  for (const claim of claims) {
    expect(() => claimTask(store, miner, task, second)).toThrow(AlreadyAnsweredError)
    claim[Symbol.dispose]()
  }
  claimTask(store, miner, task, second)[Symbol.dispose]()
})

test('is about one task and one store', () => {
  const store = new FakeStore()
  claimTask(store, miner, task, first)
  claimTask(store, miner, { ...task, taskId: '1' }, second)
  claimTask(new FakeStore(), miner, task, second)
})

test('knows what was published, by its origin or its signer', () => {
  const store = new FakeStore()
  const stored = {
    root: first, kind: 'result', origin: 'published', readers: 'anyone', embargoed: false, holds: [{ owner: 'host' }], statements: [], task, storedAt: 0, bytes: 1, blocks: 1
  } as const
  store.bundles.set('a', stored)
  expect(() => claimTask(store, miner, task, second)).toThrow(AlreadyAnsweredError)
  claimTask(store, miner, task, first)[Symbol.dispose]()
  store.bundles.set('a', { ...stored, origin: 'fetched' })
  claimTask(store, miner, task, second)[Symbol.dispose]()
  store.bundles.set('a', { ...stored, origin: 'fetched', statements: [{ signer: miner, statement: {} as never }] })
  expect(() => claimTask(store, miner, task, second)).toThrow(AlreadyAnsweredError)
})
