import { describe, expect, test } from 'vitest'
import { exportCar } from '../../src/bundle/export-car.ts'
import { importCar as importAndKeep } from '../../src/bundle/import-car.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import {
  AccessWidenedError, FileNotFoundError, InvalidArgumentError, InvalidDagError, InvalidManifestError, InvalidMessageError, InvalidNameError,
  InvalidReferenceError, LimitExceededError, MismatchError, NotStoredError, TimedOutError
} from '../../src/errors.ts'
import { readerOf } from '../../src/bundle/dag-reader.ts'
import { entriesMax } from '../../src/limits.ts'
import { carOf, cut, sectionsOf, strayBlock } from './cars.ts'
import { all, TestDag } from './dags.ts'
import { blocksBelow, noteInit, testNode } from './fixtures.ts'
import type { Section } from './cars.ts'
import type { TestNode } from './fixtures.ts'
import type { ImportCarOptions } from '../../src/interface/options.ts'
import type { ByteSource } from '../../src/interface/source.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { CID } from 'multiformats/cid'

/** A CAR of a bundle with a few files. */
async function exported (): Promise<{ publisher: TestNode, root: CID, pieces: Uint8Array[] }> {
  const publisher = testNode(1)
  using published = await publishBundle(publisher, noteInit([{ name: 'a/b', text: 'hello' }, { name: 'big', bytes: new Uint8Array(3_000_000).fill(7) }]))
  const { root } = published.stored
  return { publisher, root, pieces: await all(exportCar(readerOf(publisher.store), root)) }
}

async function importCar (...[components, source, options]: Parameters<typeof importAndKeep>): Promise<StoredBundle> {
  using kept = await importAndKeep(components, source, options)
  return kept.stored
}

/** What a node has after an import that was refused. */
async function refused (source: ByteSource, error: new (...args: never[]) => Error, options: ImportCarOptions = {}): Promise<unknown> {
  const node = testNode(2)
  const reason: unknown = await importCar(node, source, options).catch((reason: unknown) => reason)
  expect(reason).toBeInstanceOf(error)
  expect({ open: node.store.open, blocks: node.store.blocks.size, bundles: node.store.bundles.size }).toEqual({ open: 0, blocks: 0, bundles: 0 })
  return reason
}

test('stores what was exported, for nobody else and as cache', async () => {
  const { publisher, root, pieces } = await exported()
  const node = testNode(2)
  const stored = await importCar(node, pieces)
  expect(stored).toMatchObject({ kind: 'note', origin: 'fetched', readers: [], embargoed: false, holds: [], statements: [] })
  expect(new Set(node.store.blocks.keys())).toEqual(await blocksBelow(publisher.store, root))
  expect(Buffer.concat(await all(exportCar(readerOf(node.store), root))).equals(Buffer.concat(pieces))).toBe(true)
  expect(node.store.open).toBe(0)
})

test('lets those read it that are named, and holds it when asked', async () => {
  const { pieces } = await exported()
  const reader = `0x${'AB'.repeat(20)}` as const
  expect((await importCar(testNode(2), pieces, { readers: 'anyone', hold: true }))).toMatchObject({ readers: 'anyone', holds: [{ owner: 'host' }] })
  expect((await importCar(testNode(2), pieces, { readers: [reader] })).readers).toEqual([reader.toLowerCase()])
})

test('keeps closed what would open a restricted bundle that it has in it, unless that is said', async () => {
  const { publisher, root } = await exported()
  await publisher.store.update(root, { readers: [] })
  using linking = await publishBundle(publisher, noteInit([{ name: 'link', cid: root }], { readers: [] }))
  const pieces = await all(exportCar(readerOf(publisher.store), linking.stored.root))
  publisher.store.bundles.delete(linking.stored.root.toString())
  await expect(importCar(publisher, pieces, { readers: 'anyone' })).rejects.toThrow(AccessWidenedError)
  expect(publisher.store.record(linking.stored.root)?.readers).toEqual([])
  expect(await importCar(publisher, pieces, { readers: 'anyone', widen: true })).toMatchObject({ readers: 'anyone' })
})

test('changes of what is stored already only what is said', async () => {
  const { publisher, root, pieces } = await exported()
  const before = publisher.store.record(root)
  expect(await importCar(publisher, pieces)).toEqual(before)
  expect(await importCar(publisher, pieces, { readers: [] })).toEqual({ ...before, readers: [] })
  const node = testNode(2)
  await importCar(node, pieces, { readers: 'anyone' })
  expect(await importCar(node, pieces, { hold: true })).toMatchObject({ readers: 'anyone', holds: [{ owner: 'host' }] })
  expect(await importCar(node, pieces)).toMatchObject({ readers: 'anyone', holds: [{ owner: 'host' }] })
})

test('refuses a CAR that is damaged also when its bundle is stored already', async () => {
  const { publisher, pieces } = await exported()
  const damaged = Buffer.concat(pieces)
  damaged[damaged.length - 1] = 8
  await expect(importCar(publisher, [damaged])).rejects.toThrow(InvalidMessageError)
})

describe('the blocks of a CAR', () => {
  const dag = new TestDag()
  const root = dag.directory([{ name: 'a', cid: dag.raw('x'), size: 1 }, { name: 'b', cid: dag.directory([{ name: 'c', cid: dag.raw('y'), size: 1 }]) }])
  const sections = sectionsOf(dag)

  test('may stand in any order and more than once', async () => {
    const node = testNode(2)
    expect(await importCar(node, cut(await carOf([root], [...sections.toReversed(), ...sections]), 10))).toMatchObject({ kind: 'unixfs', blocks: 4 })
    expect(node.store.blocks.size).toBe(4)
  })

  test('are dropped when they are not below its root', async () => {
    const node = testNode(2)
    await importCar(node, [await carOf([root], [strayBlock('before'), ...sections, strayBlock('after')])])
    expect(new Set(node.store.blocks.keys())).toEqual(new Set(sections.map(({ cid }) => cid.toString())))
  })

  test('may be missing when this node has them', async () => {
    const node = testNode(2)
    const inner = sections.find(({ cid, bytes }) => cid.code === 0x70 && bytes !== dag.blocks.get(root.toString()))
    if (inner === undefined) throw new Error('no directory')
    await importCar(node, [await carOf([inner.cid], sections)])
    expect(await importCar(node, [await carOf([root], sections.filter(({ cid }) => !cid.equals(inner.cid)))])).toMatchObject({ blocks: 4 })
  })

  test('are all needed', async () => {
    for (const { cid } of sections) {
      const car = await carOf([root], sections.filter(section => !section.cid.equals(cid)))
      const error = await refused([car], NotStoredError)
      expect((error as Error).message).toContain(cid.toString())
      expect((error as Error).message).toContain(root.toString())
    }
    await refused([await carOf([root], [])], NotStoredError)
  })
})

describe('refuses, and keeps nothing', () => {
  test('a CAR with another root than the expected one', async () => {
    const { pieces } = await exported()
    await refused(pieces, MismatchError, { root: new TestDag().directory([]) })
  })

  test('a CAR that is cut off, too long or too large', async () => {
    const { pieces } = await exported()
    const car = Buffer.concat(pieces)
    await refused([car.subarray(0, -1)], InvalidMessageError)
    await refused([car], InvalidMessageError, { bytesTotal: car.length - 1 })
    await refused([car], InvalidMessageError, { bytesTotal: car.length + 1 })
    await refused([car], LimitExceededError, { bytesMax: car.length - 1 })
  })

  test('a CAR that is announced as too large, without reading it', async () => {
    let reads = 0
    await refused((function * () { reads++; yield new Uint8Array(1) })(), LimitExceededError, { bytesTotal: 5, bytesMax: 4 })
    expect(reads).toBe(0)
  })

  test('a source that gives nothing', async () => {
    const { pieces } = await exported()
    const stopped = Promise.withResolvers<undefined>()
    const source = new ReadableStream<Uint8Array>({
      start (controller) { for (const piece of pieces.slice(0, -1)) controller.enqueue(piece) },
      cancel () { stopped.resolve(undefined) }
    })
    await refused(source, TimedOutError, { stallTimeoutMs: 10 })
    await stopped.promise
  })

  test('a source that breaks off, with its own reason', async () => {
    const reason = new RangeError('the disk was pulled')
    const { pieces } = await exported()
    expect(await refused((async function * () { yield * pieces.slice(0, -1); throw reason })(), RangeError)).toBe(reason)
  })

  const manifest = '{"format":"cortensor-bundle","kind":"note","version":"1.0"}'
  const cases: [string, (dag: TestDag) => CID, new (...args: never[]) => Error][] = [
    ['a manifest that is not canonical', dag => dag.directory([{ name: 'manifest.json', cid: dag.raw(` ${manifest}`), size: manifest.length + 1 }]), InvalidManifestError],
    ['a task without its files', dag => {
      const task = '{"format":"cortensor-bundle","kind":"task","session":{"chainId":"1","queue":"0x' + 'c0'.repeat(20) + '","sessionId":"0"},"version":"1.0"}'
      return dag.directory([{ name: 'manifest.json', cid: dag.raw(task), size: task.length }])
    }, FileNotFoundError],
    ['a name that leaves the bundle', dag => dag.directory([{ name: '..', cid: dag.raw('x'), size: 1 }]), InvalidNameError],
    ['a raw file whose link lies about its size', dag => dag.directory([{ name: 'a', cid: dag.raw('x'), size: 2 }]), InvalidDagError],
    ['a root that is a raw block', dag => dag.raw('x'), InvalidReferenceError],
    ['more entries than a bundle may have', dag => {
      const cid = dag.directory(Array.from({ length: entriesMax / 2 }, (_, i) => ({ name: String(i), cid: dag.raw('x'), size: 1 })))
      return dag.directory([{ name: 'a', cid }, { name: 'b', cid }])
    }, LimitExceededError]
  ]
  test.for(cases)('%s', async ([, make, error]) => {
    const dag = new TestDag()
    const root = make(dag)
    await refused([await carOf([root], sectionsOf(dag))], error)
  })
})

describe('refuses options that are not of their form', () => {
  test.for<[string, object]>([
    ['readers', { readers: 'everyone' }], ['root', { root: 7 }], ['bytesMax', { bytesMax: -1 }], ['bytesTotal', { bytesTotal: 1.5 }],
    ['stallTimeoutMs', { stallTimeoutMs: 0 }], ['hold', { hold: 'yes' }], ['signal', { signal: {} }], ['onProgress', { onProgress: 1 }]
  ])('%s', async ([name, options]) => {
    const error = await refused([], Error, options) as Error
    expect([InvalidArgumentError.name, InvalidReferenceError.name]).toContain(error.name)
    if (error instanceof InvalidArgumentError && name !== 'readers') expect(error.message).toContain(name)
  })

  test('a path in the place of its bytes', async () => {
    await refused('/tmp/bundle.car' as unknown as ByteSource, InvalidArgumentError)
  })
})

describe('an aborted signal', () => {
  test('ends it before anything is read, and the source with it', async () => {
    const cancelled = Promise.withResolvers<undefined>()
    const source = new ReadableStream<Uint8Array>({ cancel () { cancelled.resolve(undefined) } })
    const reason = new RangeError('enough')
    expect(await refused(source, RangeError, { signal: AbortSignal.abort(reason) })).toBe(reason)
    await cancelled.promise
  })

  test('ends it at every piece, or comes too late', async () => {
    const { pieces } = await exported()
    for (let at = 0; at <= pieces.length; at++) {
      const abort = new AbortController()
      const reason = new RangeError('enough')
      const node = testNode(2)
      const source = (function * (): Generator<Uint8Array> {
        for (const [index, piece] of pieces.entries()) {
          if (index === at) abort.abort(reason)
          yield piece
        }
        if (at === pieces.length) abort.abort(reason)
      })()
      await expect(importCar(node, source, { signal: abort.signal })).rejects.toBe(reason)
      expect({ open: node.store.open, blocks: node.store.blocks.size, bundles: node.store.bundles.size }).toEqual({ open: 0, blocks: 0, bundles: 0 })
    }
  })
})

test('twenty imports of one CAR at the same time store it once', async () => {
  const { pieces } = await exported()
  const node = testNode(2)
  const all = await Promise.all(Array.from({ length: 20 }, async () => importCar(node, pieces, { hold: true })))
  expect(new Set(all.map(({ storedAt }) => storedAt)).size).toBe(1)
  expect(node.store.bundles.size).toBe(1)
})

test('blocks that take long to be put do not count as silence of the source', async () => {
  const sections: Section[] = []
  const dag = new TestDag()
  const root = dag.directory([{ name: 'a', cid: dag.raw('x'), size: 1 }])
  sections.push(...sectionsOf(dag))
  const node = testNode(2)
  const { stage } = node.store
  const slow = (): ReturnType<typeof stage> => {
    const staging = stage.call(node.store)
    const put = staging.put.bind(staging)
    staging.put = async (...args) => {
      await new Promise(resolve => { setTimeout(resolve, 20) })
      await put(...args)
    }
    return staging
  }
  node.store.stage = slow
  await expect(importCar(node, [await carOf([root], sections)], { stallTimeoutMs: 10 })).resolves.toMatchObject({ kind: 'unixfs' })
})
