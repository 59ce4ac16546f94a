import { expect, test } from 'vitest'
import { CountedTransfer } from '../../src/bundle/counted-transfer.ts'
import { openBundle } from '../../src/bundle/open.ts'
import { openBytesEnough } from '../../src/limits.ts'
import { FakeStore } from './fake-store.ts'
import { FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { TestNode } from './fixtures.ts'
import type { FetchDagOptions } from '../../src/interface/transfer.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const options: FetchDagOptions = { providers: ['p'], bytesMax: 1e9, stallTimeoutMs: 1 }

async function published (): Promise<{ stored: StoredBundle, transfer: FakeTransfer, counted: CountedTransfer }> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit([{ name: 'a', text: 'first' }, { name: 'b', text: 'second' }]))
  const transfer = new FakeTransfer([publisher.store])
  return { stored, transfer, counted: new CountedTransfer(transfer) }
}

test('counts the bytes of blocks that come, and not of those that are there', async () => {
  const { stored, counted } = await published()
  const staging = new FakeStore().stage()
  expect(counted.bytesFetched).toBe(0)
  await counted.fetchDag(stored.root, staging, options)
  expect(counted.bytesFetched).toBe(stored.bytes)
  await counted.fetchDag(stored.root, staging, { ...options, bytesThere: stored.bytes })
  expect(counted.bytesFetched).toBe(stored.bytes)
})

test('counts what came of a fetch that failed', async () => {
  const { stored, counted } = await published()
  await expect(counted.fetchDag(stored.root, new FakeStore().stage(), { ...options, bytesMax: stored.bytes - 1 })).rejects.toThrow('bytesMax')
  expect(counted.bytesFetched).toBeGreaterThan(0)
  expect(counted.bytesFetched).toBeLessThan(stored.bytes)
})

test('hands on how many bytes are to come', async () => {
  const { stored, transfer, counted } = await published()
  transfer.announced = 7
  const expected: number[] = []
  const staging = Object.assign(new FakeStore().stage(), { expect: (bytes: number) => { expected.push(bytes) } })
  await counted.fetchDag(stored.root, staging, options)
  expect(expected).toEqual([7])
})

const big = generateBytes(7, 3 * 1024 * 1024 + 5)

async function opening (): Promise<{ stored: StoredBundle, transfer: FakeTransfer, node: TestNode }> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit([
    { name: 'a', bytes: generateBytes(8, openBytesEnough) }, { name: 'big.bin', bytes: big }, { name: 'z.txt', text: 'last' }
  ]))
  const transfer = new FakeTransfer([publisher.store])
  return { stored, transfer, node: testNode(2, transfer) }
}

test('says how many bytes were fetched for a handle, and while it reads', async () => {
  const { stored, transfer, node } = await opening()
  const bundle = await openBundle(node, stored.root, { providers: ['p'] })
  const opened = bundle.bytesFetched
  expect(opened).toBeGreaterThan(openBytesEnough - 1)
  for await (const piece of bundle.stream('big.bin')) {
    expect(bundle.bytesFetched).toBeGreaterThanOrEqual(opened + piece.length)
    break
  }
  await bundle.bytes('big.bin')
  const read = bundle.bytesFetched
  expect(read).toBeGreaterThan(opened + big.length - 1)
  await bundle.bytes('big.bin')
  expect(bundle.bytesFetched).toBe(read)
  await bundle.complete()
  expect(bundle.bytesFetched).toBe(stored.bytes)
  const again = await openBundle(node, stored.root, { providers: ['p'] })
  await again.bytes('big.bin')
  expect(again.bytesFetched).toBe(0)
  const { length } = transfer.calls
  await again.complete()
  expect([again.bytesFetched, transfer.calls.length]).toEqual([0, length])
  await Promise.all([bundle.close(), again.close()])
})
