import { expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { FileNotFoundError, InvalidArgumentError, LimitExceededError, NotStoredError, StoppedError } from '../../src/errors.ts'
import { digestOf } from '../../src/format/digest.ts'
import { all } from './dags.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { TestNode } from './fixtures.ts'
import type { Bundle, Readers } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const big = generateBytes(9, 2 * 1024 * 1024 + 1)

async function opened (): Promise<{ node: TestNode, stored: StoredBundle, bundle: Bundle }> {
  const node = testNode(1)
  const stored = await publishStored(node, noteInit([{ name: 'd/a.txt', text: 'hello' }, { name: 'big', bytes: big }]))
  return { node, stored, bundle: await openHandle(node, stored) }
}

test('names itself in every form', async () => {
  const { bundle, stored } = await opened()
  expect(bundle.cid.equals(stored.root)).toBe(true)
  expect(bundle.digest).toBe(digestOf(stored.root))
  expect(bundle.urn).toBe(`urn:blob:v2:ipfs:${stored.root.toString()}`)
  expect(bundle.ticket).toBe(`ipfs://${stored.root.toString()}?provider=/ip4/127.0.0.1/tcp/9100`)
})

test('lists files below a path, with paths from the root', async () => {
  const { bundle } = await opened()
  expect((await all(bundle.files())).map(({ path }) => path)).toEqual(['big', 'd', 'd/a.txt', 'manifest.json'])
  expect((await all(bundle.files('d'))).map(({ path, type, size }) => [path, type, size])).toEqual([['d/a.txt', 'file', 5n]])
  expect((await all(bundle.files('d/a.txt'))).map(({ path }) => path)).toEqual(['d/a.txt'])
  await expect(all(bundle.files('x'))).rejects.toThrow(FileNotFoundError)
})

test('reads a file whole and in part', async () => {
  const { bundle } = await opened()
  expect(Buffer.from(await bundle.bytes('big')).equals(big)).toBe(true)
  expect(Buffer.from(await bundle.bytes('big', { offset: 1024 * 1024 - 1, length: 3 })).equals(big.subarray(1024 * 1024 - 1, 1024 * 1024 + 2))).toBe(true)
  expect(Buffer.concat(await all(bundle.stream('big'))).equals(big)).toBe(true)
  expect(Buffer.concat(await all(bundle.stream('big', { offset: big.length }))).length).toBe(0)
})

test('refuses what is not a file', async () => {
  const { bundle } = await opened()
  await expect(bundle.bytes('d')).rejects.toThrow(FileNotFoundError)
  await expect(all(bundle.stream('d/x'))).rejects.toThrow(FileNotFoundError)
  await expect(bundle.bytes('big', { bytesMax: big.length - 1 })).rejects.toThrow(LimitExceededError)
})

test('sets readers in the record, and the publisher\'s intent stays', async () => {
  const { node, bundle, stored } = await opened()
  await bundle.setReaders([`0x${'AB'.repeat(20)}`])
  expect(node.store.record(stored.root)?.readers).toEqual([`0x${'ab'.repeat(20)}`])
  expect(bundle.access).toBe('anyone')
  await expect(bundle.setReaders(JSON.parse('["nobody"]') as Readers)).rejects.toThrow(InvalidArgumentError)
  await expect(bundle.setReaders('everyone' as never)).rejects.toThrow(InvalidArgumentError)
})

test('cannot set readers of what is gone from the store', async () => {
  const { node, bundle } = await opened()
  node.store.bundles.clear()
  await expect(bundle.setReaders([])).rejects.toThrow(NotStoredError)
})

test('takes no call after it was closed, and may be closed twice', async () => {
  const { bundle } = await opened()
  await bundle.close()
  await bundle.close()
  await expect(bundle.bytes('big')).rejects.toThrow(StoppedError)
  await expect(all(bundle.files())).rejects.toThrow(StoppedError)
  await expect(all(bundle.stream('big'))).rejects.toThrow(StoppedError)
  await expect(all(bundle.exportCar())).rejects.toThrow(StoppedError)
  await expect(bundle.saveTo('/nowhere')).rejects.toThrow(StoppedError)
  await expect(bundle.setReaders([])).rejects.toThrow(StoppedError)
})

test('cuts off what is being read when it is closed', async () => {
  const { bundle } = await opened()
  const stream = bundle.stream('big')[Symbol.asyncIterator]()
  await stream.next()
  await bundle[Symbol.asyncDispose]()
  await expect(stream.next()).rejects.toThrow(StoppedError)
})

test('rejects with the reason of the signal', async () => {
  const { bundle } = await opened()
  const reason = new Error('enough')
  await expect(bundle.bytes('big', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})
