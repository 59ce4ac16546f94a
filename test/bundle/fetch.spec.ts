import { describe, expect, test } from 'vitest'
import { fetchBundle } from '../../src/bundle/fetch.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { InvalidDagError, InvalidManifestError, InvalidNameError, LimitExceededError, UnavailableError } from '../../src/errors.ts'
import { encodeStatement, signStatement } from '../../src/format/statement.ts'
import { entriesMax } from '../../src/limits.ts'
import { TestDag } from './dags.ts'
import { blocksBelow, FakeTransfer, noteInit, testIdentity, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { CID } from 'multiformats/cid'

const providers = ['peer']

async function published (readers: 'anyone' | [] = 'anyone'): Promise<{ publisher: TestNode, stored: StoredBundle, transfer: FakeTransfer, node: TestNode }> {
  const publisher = testNode(1)
  const stored = await publishBundle(publisher, noteInit([{ name: 'a/b', text: 'hello' }], { readers }))
  const transfer = new FakeTransfer([publisher.store])
  return { publisher, stored, transfer, node: testNode(2, transfer) }
}

/** A node that can fetch the blocks of a test DAG. */
function serving (dag: TestDag, root: CID): { node: TestNode, transfer: FakeTransfer } {
  const publisher = testNode(1)
  for (const [key, bytes] of dag.blocks) publisher.store.blocks.set(key, bytes)
  publisher.store.bundles.set(root.toString(), {
    root, kind: 'x', origin: 'published', readers: 'anyone', embargoed: false, held: true, statements: [], storedAt: 0, bytes: 0, blocks: 0
  })
  const transfer = new FakeTransfer([publisher.store])
  return { node: testNode(2, transfer), transfer }
}

test('stores a bundle with its kind and statements, and who may read it', async () => {
  const { publisher, stored, node } = await published()
  const fetched = await fetchBundle(node, stored.root, { providers })
  expect(fetched).toMatchObject({ kind: 'note', origin: 'fetched', readers: 'anyone', embargoed: false, held: false })
  expect(fetched.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(new Set(node.store.blocks.keys())).toEqual(await blocksBelow(publisher.store, stored.root))
})

test('returns at once what is stored, and holds it when asked', async () => {
  const { stored, node, transfer } = await published()
  await fetchBundle(node, stored.root, { providers })
  expect((await fetchBundle(node, stored.root, { providers, hold: true })).held).toBe(true)
  expect(transfer.calls.length).toBe(1)
})

test('lets only the signers read what is restricted', async () => {
  const { publisher, stored, node } = await published([])
  expect((await fetchBundle(node, stored.root, { providers })).readers).toEqual([publisher.identity.address])
})

test('keeps restricted what a provider calls open and the publisher signed as restricted', async () => {
  const { publisher, stored, node, transfer } = await published([])
  transfer.answer = { access: 'anyone' }
  expect((await fetchBundle(node, stored.root, { providers })).readers).toEqual([publisher.identity.address])
})

test('lets nobody read what is said to be restricted and nobody signed', async () => {
  const { stored, node, transfer } = await published()
  transfer.answer = { access: 'restricted', statements: [] }
  expect((await fetchBundle(node, stored.root, { providers })).readers).toEqual([])
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
  expect((await fetchBundle(node, stored.root, { providers })).statements).toEqual([good])
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
  expect(await fetchBundle(serving(dag, root).node, root, { providers })).toMatchObject({ kind: 'unixfs', readers: 'anyone', statements: [] })
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
    expect(new Set(all.map(({ root }) => root.toString())).size).toBe(1)
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
    await expect(second).resolves.toMatchObject({ kind: 'note' })
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
    await expect(later).resolves.toMatchObject({ kind: 'note' })
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

test('rejects at once when its signal was aborted before', async () => {
  const { stored, node, transfer } = await published()
  const reason = new Error('enough')
  await expect(fetchBundle(node, stored.root, { providers, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(transfer.calls.length).toBe(0)
})
