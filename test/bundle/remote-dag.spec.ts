import { expect, test } from 'vitest'
import { RemoteDag } from '../../src/bundle/remote-dag.ts'
import { LimitExceededError } from '../../src/errors.ts'
import { FakeStore } from './fake-store.ts'
import { FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import type { CID } from 'multiformats/cid'

async function remote (bytesMax = 1e9): Promise<{ dag: RemoteDag, transfer: FakeTransfer, root: CID }> {
  const publisher = testNode(1)
  const { root } = await publishStored(publisher, noteInit([{ name: 'd/a', text: '1' }, { name: 'd/b', text: '2' }]))
  const transfer = new FakeTransfer([publisher.store])
  const dag = new RemoteDag(transfer, new FakeStore().stage(), root, { bytesMax, stallTimeoutMs: 1, providers: ['p'] })
  return { dag, transfer, root }
}

test('fetches one block when one is read, once', async () => {
  const { dag, transfer, root } = await remote()
  await dag.get({ cid: root, position: [] })
  await dag.get({ cid: root, position: [] })
  expect(transfer.calls.map(({ blocks, options: { from, to } }) => [blocks.length, from, to])).toEqual([[1, [], [0]]])
})

test('fetches what is below a place at once, and not again what is in it', async () => {
  const { dag, transfer, root } = await remote()
  await dag.get({ cid: root, position: [] })
  await dag.prepare({ cid: root, position: [0] }, 'all')
  await dag.prepare({ cid: root, position: [0] }, 'inner')
  await dag.prepare({ cid: root, position: [0, 1] }, 'all')
  expect(transfer.calls.map(({ blocks, options: { from, to } }) => [blocks.length, from, to])).toEqual([[1, [], [0]], [3, [0], [1]]])
})

test('fetches all where only inner blocks were', async () => {
  const { dag, transfer, root } = await remote()
  await dag.prepare({ cid: root, position: [] }, 'inner')
  await dag.prepare({ cid: root, position: [] }, 'all')
  expect(transfer.calls.map(({ options: { mode, to } }) => [mode, to])).toEqual([['inner', undefined], ['all', undefined]])
})

test('asks for no more than is left of what it may bring in', async () => {
  const { dag, transfer, root } = await remote(1000)
  const { bytes } = await dag.fetch({ to: [0] })
  await dag.fetch({ to: [0] })
  expect(transfer.calls.map(({ options }) => options.bytesMax)).toEqual([1000, 1000 - bytes])
  const small = await remote(bytes)
  await small.dag.get({ cid: root, position: [] })
  await expect(small.dag.prepare({ cid: root, position: [0] }, 'all')).rejects.toThrow(LimitExceededError)
})
