import { describe, expect, test } from 'vitest'
import { openBundle } from '../../src/bundle/open.ts'
import { FileNotFoundError, LimitExceededError, NotStoredError, UnavailableError } from '../../src/errors.ts'
import { all } from './dags.ts'
import { FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { TestNode } from './fixtures.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const providers = ['peer']
const big = generateBytes(7, 3 * 1024 * 1024 + 5)

async function published (files: FileSource[] = [
  { name: 'a/b/small.txt', text: 'small' }, { name: 'big.bin', bytes: big }, { name: 'z.txt', text: 'last' }
]): Promise<{ publisher: TestNode, stored: StoredBundle, transfer: FakeTransfer, node: TestNode }> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit(files))
  const transfer = new FakeTransfer([publisher.store])
  return { publisher, stored, transfer, node: testNode(2, transfer) }
}

test('fetches the manifest alone, then each file when it is read', async () => {
  const { publisher, stored, transfer, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers })
  expect(bundle.manifest).toMatchObject({ kind: 'note' })
  expect(bundle.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(bundle.access).toBe('anyone')
  const before = transfer.calls.flatMap(({ blocks }) => blocks).length
  expect(before).toBe(2)
  expect(Buffer.from(await bundle.bytes('a/b/small.txt')).toString()).toBe('small')
  expect(transfer.calls.flatMap(({ blocks }) => blocks).length).toBe(before + 3)
  expect(Buffer.from(await bundle.bytes('big.bin')).equals(big)).toBe(true)
  await bundle.close()
})

test('fetches nothing twice', async () => {
  const { stored, transfer, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers })
  await bundle.bytes('big.bin')
  const before = transfer.calls.length
  await bundle.bytes('big.bin')
  await all(bundle.stream('big.bin', { offset: 5 }))
  expect(transfer.calls.length).toBe(before)
})

test('lists everything with one more request, and without leaves', async () => {
  const { publisher, stored, transfer, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers })
  const before = transfer.calls.length
  const entries = await all(bundle.files())
  expect(transfer.calls.length).toBe(before + 1)
  expect(entries.map(({ path, size }) => [path, size])).toEqual([
    ['a', 0n], ['a/b', 0n], ['a/b/small.txt', 5n], ['big.bin', BigInt(big.length)], ['manifest.json', 59n], ['z.txt', 4n]
  ])
  expect(transfer.calls.at(-1)?.blocks.length).toBeLessThan(publisher.store.blocks.size - 5)
})

test('stores nothing, and forgets everything when it is closed', async () => {
  const { stored, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers })
  await bundle.bytes('z.txt')
  expect(node.store.open).toBe(1)
  await bundle.close()
  expect({ open: node.store.open, blocks: node.store.blocks.size }).toEqual({ open: 0, blocks: 0 })
})

test('finds files in directories that are HAMTs, reading only the way to them', async () => {
  const files = Array.from({ length: 5200 }, (_, i): FileSource => ({ name: `many/file-${i}`, text: String(i % 10) }))
  const { stored, transfer, node } = await published(files)
  const bundle = await openBundle(node, stored.root, { providers })
  expect(Buffer.from(await bundle.bytes('many/file-4711')).toString()).toBe('1')
  expect(transfer.calls.flatMap(({ blocks }) => blocks).length).toBeLessThan(8)
}, 30_000)

test('reads plain UnixFS, also when the root is a file', async () => {
  const { publisher, stored, transfer, node } = await published()
  const file = (await all((await openBundle(node, stored.root, { providers })).files())).find(({ path }) => path === 'big.bin')
  if (file === undefined) throw new Error('no file')
  publisher.store.bundles.set(file.cid.toString(), { ...stored, root: file.cid, statements: [] })
  const plain = await openBundle(testNode(3, transfer), file.cid, { providers })
  expect(plain.manifest).toBeUndefined()
  expect(plain.statements).toEqual([])
  expect((await all(plain.files())).map(({ path, size }) => [path, size])).toEqual([['', BigInt(big.length)]])
  expect(Buffer.from(await plain.bytes('')).equals(big)).toBe(true)
  await expect(plain.bytes('x')).rejects.toThrow(FileNotFoundError)
})

test('exports a CAR of the whole', async () => {
  const { publisher, stored, node } = await published()
  const handle = await openBundle(publisher, stored.root, { providers })
  const remote = await openBundle(node, stored.root, { providers })
  expect(Buffer.concat(await all(remote.exportCar())).equals(Buffer.concat(await all(handle.exportCar())))).toBe(true)
})

test('cannot say who may read what is not stored', async () => {
  const { stored, node } = await published()
  await expect((await openBundle(node, stored.root, { providers })).setReaders([])).rejects.toThrow(NotStoredError)
})

test('brings in as many bytes as it may, over all requests', async () => {
  const { publisher, stored, transfer, node } = await published()
  await (await openBundle(testNode(3, transfer), stored.root, { providers })).bytes('z.txt')
  const sizes = await Promise.all(transfer.calls.flatMap(({ blocks }) => blocks).map(async cid => (await publisher.store.get(cid)).byteLength))
  const bundle = await openBundle(node, stored.root, { providers, bytesMax: sizes.reduce((sum, size) => sum + size) })
  await bundle.bytes('z.txt')
  await expect(bundle.bytes('a/b/small.txt')).rejects.toThrow(LimitExceededError)
})

test('reads what is stored from the store', async () => {
  const { publisher, stored, transfer } = await published()
  const bundle = await openBundle(publisher, stored.root, { providers: [] })
  expect(Buffer.from(await bundle.bytes('z.txt')).toString()).toBe('last')
  expect(transfer.calls).toEqual([])
})

test('fetches everything first when it is to be held', async () => {
  const { stored, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers, hold: true })
  expect(node.store.record(stored.root)?.holds).toEqual([{ owner: 'host' }])
  await bundle.setReaders([])
})

describe('leaves nothing behind', () => {
  test('when nobody has it', async () => {
    const { node } = await published()
    const { stored } = await published([{ name: 'other', text: 'x' }])
    await expect(openBundle(node, stored.root, { providers })).rejects.toThrow(UnavailableError)
    expect(node.store.open).toBe(0)
  })

  test('when its signal is aborted', async () => {
    const { stored, node } = await published()
    const reason = new Error('enough')
    await expect(openBundle(node, stored.root, { providers, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    expect(node.store.open).toBe(0)
  })
})
