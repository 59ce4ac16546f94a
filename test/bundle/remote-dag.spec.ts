import { expect, test, vi } from 'vitest'
import { RemoteDag } from '../../src/bundle/remote-dag.ts'
import { LimitExceededError } from '../../src/errors.ts'
import { openBytesEnough, remotePartsMax } from '../../src/limits.ts'
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

/** A DAG that was fetched as a whole; what is asked for from now on waits for `resolve`. */
async function heldUp (): Promise<{ dag: RemoteDag, transfer: FakeTransfer, resolve: (value: undefined) => void }> {
  const { dag, transfer } = await remote()
  await dag.fetch({})
  transfer.calls.length = 0
  const { promise, resolve } = Promise.withResolvers<undefined>()
  transfer.gate = async () => { await promise }
  return { dag, transfer, resolve }
}

test('fetches one block when one is read, once', async () => {
  const { dag, transfer, root } = await remote()
  await dag.get({ cid: root, position: [] })
  await dag.get({ cid: root, position: [] })
  expect(transfer.calls.map(({ blocks, options: { from, to } }) => [blocks.length, from, to])).toEqual([[1, [], [0]]])
})

test('opens with as much as comes with the root, where nothing is there yet', async () => {
  const { dag, transfer } = await remote()
  await dag.open({ isEmpty: true })
  await dag.open({ isEmpty: false })
  expect(transfer.calls.map(({ options: { from, to, enoughBytes } }) => [from, to, enoughBytes])).toEqual([
    [undefined, undefined, openBytesEnough], [undefined, [0], undefined]
  ])
})

test('shares a transfer among those who ask for the same at the same time', async () => {
  const { dag, transfer, root } = await remote()
  await Promise.all([0, 1, 2].map(async () => await dag.get({ cid: root, position: [] })))
  expect(transfer.calls).toHaveLength(1)
})

test('goes on with a transfer that somebody else does not wait for any more', async () => {
  const { dag, transfer, root } = await remote()
  const { promise, resolve } = Promise.withResolvers<undefined>()
  transfer.gate = async () => { await promise }
  const controller = new AbortController()
  const aborted = dag.get({ cid: root, position: [] }, { signal: controller.signal })
  const waiting = dag.get({ cid: root, position: [] })
  await vi.waitFor(() => { expect(transfer.calls).toHaveLength(1) })
  controller.abort(new Error('enough'))
  await expect(aborted).rejects.toThrow('enough')
  resolve(undefined)
  await waiting
  expect(transfer.calls).toHaveLength(1)
})

test('fetches what is below a place at once, and not again what is in it', async () => {
  const { dag, transfer, root } = await remote()
  await dag.get({ cid: root, position: [] })
  await dag.prepare({ from: [0], to: [1], mode: 'all' })
  await dag.prepare({ from: [0], to: [1], mode: 'inner' })
  await dag.prepare({ from: [0, 1], to: [0, 2], mode: 'all' })
  expect(transfer.calls.map(({ blocks, options: { from, to } }) => [blocks.length, from, to])).toEqual([[1, [], [0]], [3, [0], [1]]])
})

test('knows that a part is there when it came span by span, and no more than came', async () => {
  const { dag, transfer } = await remote()
  await dag.fetch({})
  const spans = [[[0, 0], [0, 1]], [[1, 0], [1, 1]], [[0, 1], [0, 2]], [[0, 2], [1, 0]], [[3], undefined]] as const
  for (const [from, to] of spans) await dag.prepare({ from, to, mode: 'all' })
  transfer.calls.length = 0
  await dag.prepare({ from: [0, 0], to: [1, 1], mode: 'all' })
  await dag.prepare({ from: [4], to: undefined, mode: 'inner' })
  expect(transfer.calls).toHaveLength(0)
  for (const [from, to] of [[[0], [1]], [[0, 0], [1, 2]], [[1], undefined]] as const) await dag.prepare({ from, to, mode: 'all' })
  expect(transfer.calls).toHaveLength(3)
})

test('fetches all where only inner blocks were', async () => {
  const { dag, transfer } = await remote()
  await dag.prepare({ from: [], to: undefined, mode: 'inner' })
  await dag.prepare({ from: [], to: undefined, mode: 'all' })
  expect(transfer.calls.map(({ options: { mode, to } }) => [mode, to])).toEqual([['inner', undefined], ['all', undefined]])
})

test('asks for no more than is left of what it may bring in', async () => {
  const { dag, transfer, root } = await remote(1000)
  const { bytes } = await dag.fetch({ to: [0] })
  await dag.fetch({ to: [0] })
  expect(transfer.calls.map(({ options }) => options.bytesMax)).toEqual([1000, 1000 - bytes])
  const small = await remote(bytes)
  await small.dag.get({ cid: root, position: [] })
  await expect(small.dag.prepare({ from: [0], to: [1], mode: 'all' })).rejects.toThrow(LimitExceededError)
})

test('fetches no part twice that is on its way with another one', async () => {
  const { dag, transfer, resolve } = await heldUp()
  const parts = [[[0], [2]], [[1], [3]], [[0, 5], [1, 5]], [[0], [4]]] as const
  const all = Promise.all(parts.map(async ([from, to]) => { await dag.prepare({ from, to, mode: 'all' }) }))
  await vi.waitFor(() => { expect(transfer.calls).toHaveLength(3) })
  resolve(undefined)
  await all
  expect(transfer.calls.map(({ options: { from, to } }) => [from, to])).toEqual([[[0], [2]], [[2], [3]], [[3], [4]]])
})

test('fetches itself what somebody else did not wait for', async () => {
  const { dag, transfer, resolve } = await heldUp()
  const controller = new AbortController()
  const left = dag.prepare({ from: [0], to: [2], mode: 'all' }, { signal: controller.signal })
  const waits = dag.prepare({ from: [0], to: [1], mode: 'all' })
  controller.abort(new Error('enough'))
  await expect(left).rejects.toThrow('enough')
  resolve(undefined)
  await waits
  expect(transfer.calls.map(({ options: { from, to } }) => [from, to])).toEqual([[[0], [2]], [[0], [1]]])
})

test('fetches no more parts at a time than so many, in their order, and gives up those that nobody wants any more', async () => {
  const { dag, transfer, resolve } = await heldUp()
  const controller = new AbortController()
  const parts = Array.from({ length: 2 * remotePartsMax }, (_, at) => ({ from: [9, at], to: [9, at, 0], mode: 'all' as const }))
  const all = parts.map(async (part, at) => { await dag.prepare(part, at === remotePartsMax ? controller : {}) })
  await vi.waitFor(() => { expect(transfer.calls).toHaveLength(remotePartsMax) })
  controller.abort(new Error('enough'))
  await expect(all[remotePartsMax]).rejects.toThrow('enough')
  expect(transfer.calls).toHaveLength(remotePartsMax)
  resolve(undefined)
  await Promise.allSettled(all)
  expect(transfer.calls.map(({ options: { from } }) => from)).toEqual(parts.map(({ from }) => from).filter((_, at) => at !== remotePartsMax))
})
