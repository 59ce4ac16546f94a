import { CID } from 'multiformats/cid'
import { describe, expect, test } from 'vitest'
import { fetchBundle } from '../../src/bundle/fetch.ts'
import {
  CorruptTransferError, InvalidDagError, InvalidManifestError, InvalidNameError, LimitExceededError, StoppedError, StorageFullError, TimedOutError,
  UnavailableError
} from '../../src/errors.ts'
import { encodeStatement, signStatement } from '../../src/format/statement.ts'
import { entriesMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import { blocksBelow, FakeTransfer, noteInit, publishStored, testIdentity, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

const providers = ['peer']

async function published (readers: 'anyone' | [] = 'anyone'): Promise<{ publisher: TestNode, stored: StoredBundle, transfer: FakeTransfer, node: TestNode }> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit([{ name: 'a/b', text: 'hello' }], { readers }))
  const transfer = new FakeTransfer([publisher.store])
  return { publisher, stored, transfer, node: testNode(2, transfer) }
}

/** A node that can fetch the blocks of a test DAG. */
function serving (dag: TestDag, root: CID): { node: TestNode, transfer: FakeTransfer } {
  const publisher = testNode(1)
  for (const [key, bytes] of dag.blocks) publisher.store.blocks.set(key, bytes)
  publisher.store.bundles.set(root.toString(), {
    root, kind: 'x', origin: 'published', readers: 'anyone', embargoed: false, holds: [], statements: [], storedAt: 0, bytes: 0, blocks: 0
  })
  const transfer = new FakeTransfer([publisher.store])
  return { node: testNode(2, transfer), transfer }
}

async function fetchStored (...args: Parameters<typeof fetchBundle>): Promise<StoredBundle> {
  const kept = await fetchBundle(...args)
  kept[Symbol.dispose]()
  return kept.stored
}

test('stores a bundle with its kind and statements, and who may read it', async () => {
  const { publisher, stored, node } = await published()
  const fetched = await fetchStored(node, stored.root, { providers })
  expect(fetched).toMatchObject({ kind: 'note', origin: 'fetched', readers: 'anyone', embargoed: false, holds: [] })
  expect(fetched.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(new Set(node.store.blocks.keys())).toEqual(await blocksBelow(publisher.store, stored.root))
})

test('returns at once what is stored, and holds it when asked', async () => {
  const { stored, node, transfer } = await published()
  await fetchStored(node, stored.root, { providers })
  expect((await fetchStored(node, stored.root, { providers, hold: true })).holds).toEqual([{ owner: 'host' }])
  expect(transfer.calls.length).toBe(1)
})

describe('holds', () => {
  const task = { format: 'cortensor-bundle', version: '1.0', kind: 'task', session: { chainId: '1', queue: `0x${'cc'.repeat(20)}`, sessionId: '7' } }
  const files = ['prompt.json', 'config.json', 'session.json'].map(name => ({ name, text: '{}' }))
  const taskBundle = async (): Promise<{ root: CID, node: TestNode }> => {
    const publisher = testNode(1)
    const { root } = await publishStored(publisher, noteInit(files, { manifest: () => task as never }))
    return { root, node: testNode(2, new FakeTransfer([publisher.store])) }
  }

  test('a task as unanswered, as long as tasks stay', async () => {
    const { root, node } = await taskBundle()
    const fetched = await fetchStored({ ...node, clock: () => 5 }, root, { providers })
    expect(fetched.holds).toEqual([{ owner: 'unanswered', until: 5 + 2 * 86_400_000 }])
    const other = await taskBundle()
    expect((await fetchStored({ ...other.node, retention: { task: 0 } }, other.root, { providers })).holds).toEqual([])
  })

  test('as is said, beside that', async () => {
    const { root, node } = await taskBundle()
    const fetched = await fetchStored({ ...node, retention: { task: Infinity } }, root, { providers, hold: { owner: 'host', until: 9 } })
    expect(fetched.holds).toEqual([{ owner: 'unanswered' }, { owner: 'host', until: 9 }])
    expect((await fetchStored(node, root, { providers, hold: true })).holds).toEqual([{ owner: 'unanswered' }, { owner: 'host' }])
    expect((await fetchStored(node, root, { providers, hold: false })).holds).toEqual([{ owner: 'unanswered' }, { owner: 'host' }])
  })

  test('for each of those who fetch at the same time what they said', async () => {
    const { stored, node, transfer } = await published()
    const holds = [{ owner: 'a' }, { owner: 'b' }, false]
    const all = await Promise.all(holds.map(async hold => fetchBundle(node, stored.root, { providers, hold })))
    expect(transfer.calls.length).toBe(1)
    expect(node.store.record(stored.root)?.holds).toEqual([{ owner: 'a' }, { owner: 'b' }])
    for (const kept of all) kept[Symbol.dispose]()
  })
})

test('keeps what nobody holds until whoever fetched it is done with it', async () => {
  const { stored, node } = await published()
  const all = await Promise.all([1, 2].map(async () => fetchBundle(node, stored.root, { providers })))
  await new Promise(resolve => { setImmediate(resolve) })
  for (const kept of all) {
    expect(await node.store.collect()).toMatchObject({ bundles: 0 })
    kept[Symbol.dispose]()
  }
  expect(await node.store.collect()).toMatchObject({ bundles: 1 })
})

test('keeps it without a gap for all who wait for it', async () => {
  const { stored, node } = await published()
  const { store } = node
  const keep = store.keep.bind(store)
  store.keep = root => {
    const kept = keep(root)
    return {
      [Symbol.dispose]: () => {
        kept[Symbol.dispose]()
        if (store.keepsOf(root) === 0) store.bundles.delete(root.toString())
      }
    }
  }
  const all = await Promise.all([1, 2, 3].map(async () => fetchBundle(node, stored.root, { providers })))
  await new Promise(resolve => { setImmediate(resolve) })
  for (const kept of all) {
    expect(store.record(stored.root)).toBeDefined()
    kept[Symbol.dispose]()
  }
  expect(store.record(stored.root)).toBeUndefined()
})

test('says to the store how much is to come', async () => {
  const { stored, node, transfer } = await published()
  const full = new StorageFullError('no room')
  const partial = node.store.partial.bind(node.store)
  node.store.partial = root => Object.assign(partial(root), { expect: (bytes: number) => { if (bytes > 5) throw full } })
  transfer.announced = 6
  await expect(fetchBundle(node, stored.root, { providers })).rejects.toBe(full)
  expect({ open: node.store.open, bundles: node.store.bundles.size }).toEqual({ open: 0, bundles: 0 })
  transfer.announced = 5
  await expect(fetchStored(node, stored.root, { providers })).resolves.toMatchObject({ kind: 'note' })
})

test('goes on where an earlier fetch was left, whatever ended it', async () => {
  const { publisher, stored, node, transfer } = await published()
  const fetchDag = transfer.fetchDag.bind(transfer)
  for (const error of [new TimedOutError('silent'), new CorruptTransferError('wrong'), new UnavailableError('nobody'), new StoppedError('stopped')]) {
    transfer.fetchDag = async (root, into) => {
      const missing = publisher.store.blocks
      for (const [text, bytes] of missing) {
        const cid = CID.parse(text)
        if (await into.has(cid)) continue
        await into.put(cid, bytes)
        throw error
      }
      throw new Error('nothing is missing')
    }
    await expect(fetchBundle(node, stored.root, { providers })).rejects.toBe(error)
  }
  transfer.fetchDag = fetchDag
  await fetchStored(node, stored.root, { providers })
  expect(transfer.calls[0]?.options.bytesThere).toBeGreaterThan(0)
  expect(transfer.calls.flatMap(({ blocks }) => blocks).length).toBeLessThanOrEqual(1)
  expect(node.store.partials.size).toBe(0)
})

test('keeps nothing of what can never be a bundle', async () => {
  const { stored, node, transfer } = await published()
  transfer.fetchDag = async () => { throw new InvalidDagError('no bundle') }
  await expect(fetchBundle(node, stored.root, { providers })).rejects.toThrow(InvalidDagError)
  expect(node.store.partials.size).toBe(0)
})

test('lets only the signers read what is restricted', async () => {
  const { publisher, stored, node } = await published([])
  expect((await fetchStored(node, stored.root, { providers })).readers).toEqual([publisher.identity.address])
})

test('keeps restricted what a provider calls open and the publisher signed as restricted', async () => {
  const { publisher, stored, node, transfer } = await published([])
  transfer.answer = { access: 'anyone' }
  expect((await fetchStored(node, stored.root, { providers })).readers).toEqual([publisher.identity.address])
})

test('lets nobody read what is said to be restricted and nobody signed', async () => {
  const { stored, node, transfer } = await published()
  transfer.answer = { access: 'restricted', statements: [] }
  expect((await fetchStored(node, stored.root, { providers })).readers).toEqual([])
})

test('drops statements that are malformed, badly signed or about another root, and says so', async () => {
  const { stored, node, transfer } = await published()
  const [good] = stored.statements
  if (good === undefined) throw new Error('no statement')
  const identity = testIdentity(3)
  const { kind, answers, access, salt, time } = good.statement
  const other = await signStatement({ kind, answers, access, salt, time, root: `0x${'1'.repeat(64)}` }, async digest => identity.sign(digest))
  transfer.answer = {
    statements: [Buffer.from('nonsense'), encodeStatement(other), encodeStatement({ ...good.statement, signature: `0x${'0'.repeat(130)}` }), encodeStatement(good.statement)]
  }
  expect((await fetchStored(node, stored.root, { providers })).statements).toEqual([good])
  expect(node.lines.length).toBe(3)
})

describe('refuses, and lists nothing', () => {
  const manifest = '{"format":"cortensor-bundle","kind":"note","version":"1.0"}'
  const cases: [string, (dag: TestDag) => CID, new (...args: never[]) => Error][] = [
    ['a manifest that is not canonical', dag => dag.directory([{ name: 'manifest.json', cid: dag.raw(` ${manifest}`), size: manifest.length + 1 }]), InvalidManifestError],
    ['a directory in the place of the manifest', dag => dag.directory([{ name: 'manifest.json', cid: dag.directory([]) }]), InvalidManifestError],
    ['a manifest over the limit', dag => dag.directory([{ name: 'manifest.json', cid: dag.raw(new Uint8Array(1024 * 1024 + 1)), size: 1024 * 1024 + 1 }]), LimitExceededError],
    ['a name that leaves the bundle', dag => dag.directory([{ name: '..', cid: dag.raw('x'), size: 1 }]), InvalidNameError],
    ['a raw file whose link lies about its size', dag => dag.directory([{ name: 'a', cid: dag.raw('x'), size: 2 }]), InvalidDagError],
    ['a symbolic link', dag => dag.directory([{ name: 'a', cid: dag.unixfs({ type: 'symlink', data: Buffer.from('/') }) }]), InvalidDagError],
    ['more entries than a bundle may have', dag => {
      const cid = dag.directory(Array.from({ length: entriesMax / 2 }, (_, i) => ({ name: String(i), cid: dag.raw('x'), size: 1 })))
      return dag.directory([{ name: 'a', cid }, { name: 'b', cid }])
    }, LimitExceededError]
  ]
  test.for(cases)('%s', async ([, make, error]) => {
    const dag = new TestDag()
    const root = make(dag)
    const { node } = serving(dag, root)
    await expect(fetchBundle(node, root, { providers })).rejects.toThrow(error)
    expect({ open: node.store.open, blocks: node.store.blocks.size, bundles: node.store.bundles.size }).toEqual({ open: 0, blocks: 0, bundles: 0 })
  })
})

test('takes plain UnixFS without a manifest', async () => {
  const dag = new TestDag()
  const root = dag.directory([{ name: 'a', cid: dag.raw('x'), size: 1 }])
  expect(await fetchStored(serving(dag, root).node, root, { providers })).toMatchObject({ kind: 'unixfs', readers: 'anyone', statements: [] })
})

describe('callers who ask for one root at the same time', () => {
  test('share one transfer, and all hear of its progress', async () => {
    const { stored, node, transfer } = await published()
    const events: string[] = []
    const all = await Promise.all(Array.from({ length: 20 }, async () => fetchBundle(node, stored.root, {
      providers, onProgress: ({ type }) => events.push(type)
    })))
    expect(transfer.calls.length).toBe(1)
    expect(events.length).toBe(20)
    expect(new Set(all.map(({ stored }) => stored.root.toString())).size).toBe(1)
  })

  test('each have a signal of their own', async () => {
    const { stored, node, transfer } = await published()
    const { promise: open, resolve } = Promise.withResolvers<undefined>()
    transfer.gate = async () => { await open }
    const abort = new AbortController()
    const first = fetchBundle(node, stored.root, { providers, signal: abort.signal })
    const second = fetchBundle(node, stored.root, { providers })
    const reason = new Error('enough')
    abort.abort(reason)
    await expect(first).rejects.toBe(reason)
    expect(transfer.calls[0]?.options.signal?.aborted).toBe(false)
    resolve(undefined)
    await expect(second).resolves.toMatchObject({ stored: { kind: 'note' } })
  })

  test('abort the transfer when the last of them is gone, and a later one starts anew', async () => {
    const { stored, node, transfer } = await published()
    const { promise: open, resolve } = Promise.withResolvers<undefined>()
    transfer.gate = async () => { await open }
    const aborts = [new AbortController(), new AbortController()]
    const fetches = aborts.map(async ({ signal }) => fetchBundle(node, stored.root, { providers, signal }))
    for (const abort of aborts) abort.abort(new Error('enough'))
    await Promise.allSettled(fetches)
    expect(transfer.calls.map(({ options }) => options.signal?.aborted)).toEqual([true])
    const later = fetchBundle(node, stored.root, { providers })
    resolve(undefined)
    await expect(later).resolves.toMatchObject({ stored: { kind: 'note' } })
    expect(transfer.calls.length).toBe(2)
  })

  test('ask their own providers when the first one asked the wrong ones', async () => {
    const { stored, node, transfer } = await published()
    transfer.gate = async options => {
      if (options.providers.includes('wrong')) throw new UnavailableError('nobody has it')
    }
    const [first, second] = await Promise.allSettled([
      fetchBundle(node, stored.root, { providers: ['wrong'] }), fetchBundle(node, stored.root, { providers })
    ])
    expect(first.status).toBe('rejected')
    expect(second.status).toBe('fulfilled')
  })
})

test('heals a stored bundle of which blocks are damaged, and rejects when nobody has them', async () => {
  const { stored, node, transfer } = await published()
  const kept = await fetchBundle(node, stored.root, { providers })
  kept[Symbol.dispose]()
  const damage = (): void => {
    node.store.damaged.add(stored.root.toString())
    node.store.blocks.delete(stored.root.toString())
  }
  damage()
  const asked = transfer.calls.length
  ;(await fetchBundle(node, stored.root, { providers }))[Symbol.dispose]()
  expect(transfer.calls.slice(asked).map(({ blocks }) => blocks[0]?.toString())).toContain(stored.root.toString())
  damage()
  transfer.gate = async () => { throw new UnavailableError('nobody has it') }
  await expect(fetchBundle(node, stored.root, { providers })).rejects.toThrow('nobody has it')
  await new Promise(setImmediate)
  expect(node.store.keepsOf(stored.root)).toBe(0)
})

test('rejects at once when its signal was aborted before', async () => {
  const { stored, node, transfer } = await published()
  const reason = new Error('enough')
  await expect(fetchBundle(node, stored.root, { providers, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(transfer.calls.length).toBe(0)
})
