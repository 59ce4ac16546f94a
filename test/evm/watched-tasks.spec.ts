import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Chain } from '../../src/evm/chain.ts'
import { TaskLogs } from '../../src/evm/task-logs.ts'
import { WatchedTasks } from '../../src/evm/watched-tasks.ts'
import { withdrawableEventsMax } from '../../src/limits.ts'
import { FakeChain, contract } from '../support/evm/fake-endpoint.ts'
import type { WatchedTasksInit } from '../../src/evm/watched-tasks.ts'
import type { FakeEvent } from '../support/evm/fake-endpoint.ts'

const queued = (data: string): FakeEvent => ['TaskQueued', 1n, 0n, 0n, data]

function watch (fake: FakeChain, init: Partial<WatchedTasksInit> = {}): () => Promise<string[]> {
  const chain = new Chain(fake.endpoints)
  const logs = new TaskLogs(chain, { chainId: '1', queue: contract })
  const watched = new WatchedTasks({ chain, logs, filter: {}, confirmations: 0, ...init })
  return async () => (await Array.fromAsync(watched.look({})))
    .map(event => `${event.removed ? '-' : '+'}${event.type === 'queued' ? event.data : event.type}`)
}

test('tells what comes after the newest block, once', async () => {
  const fake = new FakeChain()
  fake.add(queued('before'))
  const look = watch(fake)
  expect(await look()).toEqual([])
  fake.add(queued('a'), queued('b'))
  fake.add(queued('c'))
  expect(await look()).toEqual(['+a', '+b', '+c'])
  expect(await look()).toEqual([])
})

test.each([[0n, ['+a', '+b']], [1n, ['+b']], [2n, []]])('begins with block %d when that is asked for', async (fromBlock, expected) => {
  const fake = new FakeChain()
  fake.add(queued('a'))
  fake.add(queued('b'))
  const look = watch(fake, { fromBlock })
  expect(await look()).toEqual(expected)
  fake.add(queued('c'))
  expect(await look()).toEqual(['+c'])
})

test('waits for a first block that is not there yet', async () => {
  const fake = new FakeChain()
  fake.add(queued('a'))
  const look = watch(fake, { fromBlock: 3n })
  for (const data of ['b', 'c']) {
    fake.add(queued(data))
    expect(await look()).toEqual([])
  }
  fake.add(queued('d'))
  expect(await look()).toEqual(['+d'])
})

test('takes back what stood in abandoned blocks, the last one first, and tells what took their place', async () => {
  const fake = new FakeChain()
  fake.add()
  const look = watch(fake)
  await look()
  for (const data of ['a', 'b', 'c']) {
    fake.add(queued(data), queued(`${data}2`))
    await look()
  }
  fake.fork(2)
  for (const data of ['d', 'b', 'e']) fake.add(queued(data))
  expect(await look()).toEqual(['-c2', '-c', '-b2', '-b', '+d', '+b', '+e'])
  fake.fork(1)
  fake.add()
  expect(await look()).toEqual(['-e'])
  expect(await look()).toEqual([])
})

test('takes nothing back while an endpoint is only behind', async () => {
  const fake = new FakeChain()
  fake.add()
  const look = watch(fake)
  await look()
  fake.add(queued('a'))
  expect(await look()).toEqual(['+a'])
  const kept = fake.blocks.pop()!
  expect(await look()).toEqual([])
  fake.blocks.push(kept)
  fake.add(queued('b'))
  expect(await look()).toEqual(['+b'])
})

test('tells what is as deep as is asked for, and takes nothing back of what was abandoned above', async () => {
  const fake = new FakeChain()
  for (let number = 0; number < 3; number++) fake.add()
  const look = watch(fake, { confirmations: 2 })
  await look()
  fake.add(queued('a'))
  fake.add()
  expect(await look()).toEqual([])
  fake.fork(2)
  fake.add(queued('b'))
  fake.add()
  fake.add()
  expect(await look()).toEqual(['+b'])
})

test('goes on where it was when a look fails, also in the middle of taking back', async () => {
  const fake = new FakeChain()
  fake.add()
  let failing = ''
  const chain = new Chain({
    ask: async (_what, work) => await work(async (method, params) => {
      if (method === failing) throw new ChainError('no endpoint')
      return await fake.ask(method, params)
    })
  })
  const look = watch(fake, { chain, logs: new TaskLogs(chain, { chainId: '1', queue: contract }) })
  await look()
  fake.add(queued('a'))
  await look()
  fake.fork(1)
  fake.add(queued('b'))
  failing = 'eth_getBlockByNumber'
  await expect(look()).rejects.toThrow(ChainError)
  failing = ''
  expect(await look()).toEqual(['-a', '+b'])
})

test('gives nothing of logs whose block was abandoned while they were read', async () => {
  const fake = new FakeChain()
  fake.add()
  const look = watch(fake)
  await look()
  fake.add(queued('a'))
  const { ask } = fake
  Object.assign(fake, {
    ask: async (...call: Parameters<typeof ask>) => {
      const answer = await ask(...call)
      if (call[0] === 'eth_getLogs') {
        Object.assign(fake, { ask })
        fake.fork(1)
        fake.add(queued('b'))
      }
      return answer
    }
  })
  await expect(look()).rejects.toThrow('the chain was reorganised while it was read')
  expect(await look()).toEqual(['+b'])
})

test('says so when more was abandoned than is remembered', async () => {
  const fake = new FakeChain()
  for (let number = 0; number < 3; number++) fake.add()
  const look = watch(fake)
  await look()
  fake.fork(2)
  for (let number = 0; number < 4; number++) fake.add()
  await expect(look()).rejects.toMatchObject({ name: 'ChainError', retryable: false })
})

test('remembers so many events, and which blocks they stand for', async () => {
  const fake = new FakeChain()
  fake.add()
  const look = watch(fake)
  await look()
  const many = Array.from({ length: withdrawableEventsMax }, (): FakeEvent => ['TaskPrecommitEnded', 1n, 0n])
  fake.add(queued('old'))
  await look()
  fake.add(...many)
  expect(await look()).toHaveLength(withdrawableEventsMax)
  fake.fork(1)
  fake.add()
  expect(await look()).toHaveLength(withdrawableEventsMax)
  fake.fork(2)
  fake.add(queued('new'))
  fake.add()
  await expect(look()).rejects.toThrow('nothing before it is remembered')
})
