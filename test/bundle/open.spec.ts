import { describe, expect, test } from 'vitest'
import { openBundle } from '../../src/bundle/open.ts'
import { FileNotFoundError, LimitExceededError, NotStoredError, UnavailableError } from '../../src/errors.ts'
import { openBytesEnough, remoteSpanBytes } from '../../src/limits.ts'
import { all } from './dags.ts'
import { FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import { generateBytes } from './unixfs-cases.ts'
import type { TestNode } from './fixtures.ts'
import type { FileSource } from '../../src/interface/source.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const providers = ['peer']
const big = generateBytes(7, 3 * 1024 * 1024 + 5)

/** More than comes with the root. */
const long = generateBytes(8, openBytesEnough)
const longFiles: FileSource[] = [
  { name: 'a', bytes: long }, { name: 'b/c/small.txt', text: 'small' }, { name: 'big.bin', bytes: big }, { name: 'z.txt', text: 'last' }
]

async function published (files: FileSource[] = [
  { name: 'a/b/small.txt', text: 'small' }, { name: 'big.bin', bytes: big }, { name: 'z.txt', text: 'last' }
]): Promise<{ publisher: TestNode, stored: StoredBundle, transfer: FakeTransfer, node: TestNode }> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit(files))
  const transfer = new FakeTransfer([publisher.store])
  return { publisher, stored, transfer, node: testNode(2, transfer) }
}

test('fetches what comes with the root, the manifest, and then each file when it is read', async () => {
  const { publisher, stored, transfer, node } = await published(longFiles)
  const bundle = await openBundle(node, stored.root, { providers })
  expect(bundle.manifest).toMatchObject({ kind: 'note' })
  expect(bundle.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(bundle.access).toBe('anyone')
  expect(transfer.calls.map(({ blocks }) => blocks.length)).toEqual([2, 1])
  expect(Buffer.from(await bundle.bytes('b/c/small.txt')).toString()).toBe('small')
  expect(transfer.calls.flatMap(({ blocks }) => blocks).length).toBe(3 + 3)
  expect(Buffer.from(await bundle.bytes('big.bin')).equals(big)).toBe(true)
  await bundle.close()
})

test('fetches a small bundle in one round trip', async () => {
  const { stored, transfer, node } = await published([{ name: 'a', text: 'a' }, { name: 'z/y', text: 'y' }])
  const bundle = await openBundle(node, stored.root, { providers })
  expect(Buffer.from(await bundle.bytes('z/y')).toString()).toBe('y')
  expect(transfer.calls).toHaveLength(1)
})

test('fetches of a range of a file its blocks and those on the way to it', async () => {
  const huge = generateBytes(9, 40 * 1024 * 1024)
  const { stored, transfer, node } = await published([{ name: 'a', bytes: long }, { name: 'huge.bin', bytes: huge }])
  const bundle = await openBundle(node, stored.root, { providers })
  const before = transfer.calls.length
  const [offset, length] = [5 * 1024 * 1024 - 3, 2 * 1024 * 1024]
  expect(Buffer.from(await bundle.bytes('huge.bin', { offset, length })).equals(huge.subarray(offset, offset + length))).toBe(true)
  const fetched = transfer.calls.slice(before).map(({ blocks }) => blocks.length)
  // The head of the file, and what holds the range: two whole blocks and two that it cuts.
  expect(fetched).toEqual([1, 3])
  await bundle.bytes('huge.bin', { offset: offset + 5, length: 100 })
  expect(transfer.calls.length).toBe(before + 2)
})

test('fetches of a stream no more than is read, and one span ahead', async () => {
  const huge = generateBytes(9, 4 * remoteSpanBytes)
  const { stored, transfer, node } = await published([{ name: 'a', bytes: long }, { name: 'huge.bin', bytes: huge }])
  const bundle = await openBundle(node, stored.root, { providers })
  let read = 0
  for await (const piece of bundle.stream('huge.bin', { offset: 100 })) {
    expect(Buffer.from(piece).equals(huge.subarray(100 + read, 100 + read + piece.length))).toBe(true)
    read += piece.length
    if (read > 1000) break
  }
  const leaves = transfer.calls.flatMap(({ options, blocks }) => options.mode === 'all' ? blocks : []).length
  expect(leaves).toBeGreaterThanOrEqual(remoteSpanBytes / 1024 / 1024)
  expect(leaves).toBeLessThanOrEqual(2 * remoteSpanBytes / 1024 / 1024 + 1)
})

test('reads the nodes of a file as often for many spans of it as for one', async () => {
  const huge = generateBytes(9, 3 * remoteSpanBytes)
  const { stored, node } = await published([{ name: 'a', bytes: long }, { name: 'huge.bin', bytes: huge }])
  const reads: string[] = []
  const { store } = node
  const partial = store.partial.bind(store)
  store.partial = (root) => {
    const opened = partial(root)
    const get = opened.get.bind(opened)
    opened.get = async (cid, options) => {
      reads.push(cid.toString())
      return await get(cid, options)
    }
    return opened
  }
  const bundle = await openBundle(node, stored.root, { providers })
  const [file] = await all(bundle.files('huge.bin'))
  const readsOf = async (length: number): Promise<number> => {
    reads.length = 0
    expect(Buffer.concat(await all(bundle.stream('huge.bin', { length }))).equals(huge.subarray(0, length))).toBe(true)
    return reads.filter(cid => cid === file?.cid.toString()).length
  }
  await readsOf(1)
  expect(await readsOf(huge.length)).toBe(await readsOf(1))
  await bundle.close()
})

test('completes what was opened, without fetching anything twice', async () => {
  const { publisher, stored, transfer, node } = await published(longFiles)
  const bundle = await openBundle(node, stored.root, { providers })
  await bundle.bytes('b/c/small.txt')
  await bundle.bytes('big.bin', { offset: 1024 * 1024, length: 1 })
  await bundle.complete({ hold: { owner: 'mirror' } })
  const blocks = transfer.calls.flatMap(({ blocks }) => blocks.map(cid => cid.toString()))
  expect(new Set(blocks).size).toBe(blocks.length)
  expect(blocks).toHaveLength(publisher.store.blocks.size)
  expect(node.store.record(stored.root)).toMatchObject({ readers: 'anyone', holds: [{ owner: 'mirror' }] })
  const { length } = transfer.calls
  expect(Buffer.from(await bundle.bytes('z.txt')).toString()).toBe('last')
  await bundle.setReaders([])
  expect(bundle.access).toBe('anyone')
  expect(bundle.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(transfer.calls).toHaveLength(length)
  await bundle.close()
  expect(node.store.open).toBe(0)
})

test('asks nobody again who signed it when everything is there', async () => {
  const { publisher, stored, transfer, node } = await published([{ name: 'z.txt', text: 'last' }])
  const bundle = await openBundle(node, stored.root, { providers })
  await bundle.complete()
  expect(transfer.calls.map(({ blocks }) => blocks.length)).toEqual([3, 0])
  expect(bundle.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
})

test('can be completed again after it failed', async () => {
  const { stored, transfer, node } = await published(longFiles)
  const bundle = await openBundle(node, stored.root, { providers })
  const stores = transfer.stores.splice(0)
  await expect(bundle.complete()).rejects.toThrow(UnavailableError)
  expect(Buffer.from(await bundle.bytes('a', { length: 3 })).equals(long.subarray(0, 3))).toBe(true)
  transfer.stores.push(...stores)
  await bundle.complete()
  expect(node.store.record(stored.root)?.kind).toBe('note')
})

test('holds what is stored when it is completed', async () => {
  const { publisher, stored } = await published()
  const bundle = await openBundle(publisher, stored.root, { providers: [] })
  await bundle.complete()
  await bundle.complete({ hold: { owner: 'mirror' } })
  expect(publisher.store.record(stored.root)?.holds.map(({ owner }) => owner)).toContain('mirror')
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

test('lists nothing, and is done when it is closed', async () => {
  const { stored, node } = await published()
  const bundle = await openBundle(node, stored.root, { providers })
  await bundle.bytes('z.txt')
  expect(node.store.open).toBe(1)
  await bundle.close()
  expect({ open: node.store.open, blocks: node.store.blocks.size }).toEqual({ open: 0, blocks: 0 })
})

test('finds files in directories that are HAMTs, reading only the way to them', async () => {
  const files = Array.from({ length: 5200 }, (_, i): FileSource => ({ name: `many/file-${i}`, text: String(i % 10) }))
  files.push({ name: 'a', bytes: long })
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
  const { publisher, stored, transfer, node } = await published(longFiles)
  await (await openBundle(testNode(3, transfer), stored.root, { providers })).bytes('z.txt')
  const sizes = await Promise.all(transfer.calls.flatMap(({ blocks }) => blocks).map(async cid => (await publisher.store.get(cid)).byteLength))
  const bundle = await openBundle(node, stored.root, { providers, bytesMax: sizes.reduce((sum, size) => sum + size) })
  await bundle.bytes('z.txt')
  await expect(bundle.bytes('b/c/small.txt')).rejects.toThrow(LimitExceededError)
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
