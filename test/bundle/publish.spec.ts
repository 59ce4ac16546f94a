import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { DirectoryImport } from '../../src/bundle/import.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { openStore } from '../../src/store/store.ts'
import { AccessWidenedError, InvalidManifestError, InvalidNameError, LimitExceededError, NotStoredError, SourceUnreadableError } from '../../src/errors.ts'
import { digestOf } from '../../src/format/digest.ts'
import { blocksBelow, noteInit, publishStored, testNode } from './fixtures.ts'
import type { BundleInit } from '../../src/bundle/publish.ts'
import type { FileSource } from '../../src/interface/source.ts'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'datanode-publish-'))
})

afterEach(async () => {
  await rm(directory, { recursive: true })
})

test('stores exactly the blocks of the bundle, and signs a statement about its root', async () => {
  const node = testNode(1)
  const stored = await publishStored(node, noteInit([{ name: 'a/b.txt', text: 'hello' }]))
  expect(new Set(node.store.blocks.keys())).toEqual(await blocksBelow(node.store, stored.root))
  expect(stored).toMatchObject({ kind: 'note', origin: 'published', readers: 'anyone', embargoed: false, holds: [{ owner: 'host' }] })
  expect(stored.statements.map(({ signer }) => signer)).toEqual([node.identity.address])
  expect(stored.statements[0]?.statement).toMatchObject({
    kind: 'note', root: digestOf(stored.root), answers: `0x${'0'.repeat(64)}`, access: 'anyone', time: '1700000000'
  })
})

test('signs that it is restricted where a function decides who may read it, and keeps the function', async () => {
  const node = testNode(1)
  const [rule, other] = [(): boolean => true, (): boolean => true]
  const stored = await publishStored(node, noteInit([], { readers: rule }))
  expect(stored.readers).toBe(rule)
  expect(stored.statements[0]?.statement.access).toBe('restricted')
  expect((await publishStored(node, noteInit([], { readers: other }))).readers).toBe(other)
})

test('publishing the same again sets the readers that an earlier process lost, also to nobody', async () => {
  const node = testNode(1)
  const { root } = await publishStored(node, noteInit([], { readers: [] }))
  node.store.bundles.set(root.toString(), { ...node.store.record(root)!, readersLost: true })
  expect(await publishStored(node, noteInit([], { readers: [] }))).not.toHaveProperty('readersLost')
})

test('publishing the same again says anew when it is revealed, and never hides what is', async () => {
  const node = testNode(1)
  const publish = async (init: Partial<BundleInit>): Promise<unknown> => {
    const { embargoed, revealAt } = await publishStored(node, noteInit([], init as object))
    return [embargoed, revealAt]
  }
  expect(await publish({ embargoed: true, revealAt: 5 })).toEqual([true, 5])
  expect(await publish({ embargoed: true, revealAt: 6 })).toEqual([true, 6])
  expect(await publish({ embargoed: true })).toEqual([true, undefined])
  expect(await publish({ embargoed: false })).toEqual([false, undefined])
  expect(await publish({ embargoed: true, revealAt: 7 })).toEqual([false, undefined])
})

test('refuses to open what it links, lists nothing then, and remembers what it may not open later', async () => {
  const node = testNode(1)
  const guarded = await publishStored(node, noteInit([{ name: 'a', text: 'x' }], { readers: [] }))
  const link: FileSource[] = [{ name: 'link', cid: guarded.root }]
  await expect(publishStored(node, noteInit(link))).rejects.toThrow(AccessWidenedError)
  expect([...node.store.records()]).toHaveLength(1)
  expect(await publishStored(node, noteInit(link, { readers: [] }))).toMatchObject({ links: [guarded.root] })
  await expect(publishStored(node, noteInit(link))).rejects.toThrow(AccessWidenedError)
  expect(await publishStored(node, noteInit(link), { widen: true })).toMatchObject({ readers: 'anyone' })
  await expect(publishStored(node, noteInit(link), { widen: 1 as never })).rejects.toThrow('widen')
})

test('works on the real store', async () => {
  const store = await openStore({ path: join(directory, 'repository'), address: testNode(1).identity.address })
  const node = { ...testNode(1), store }
  try {
    const big = new Uint8Array(3 * 1024 * 1024).fill(7)
    const stored = await publishStored(node, noteInit([{ name: 'a/b.txt', text: 'hello' }, { name: 'big', bytes: big }]))
    const handle = await openHandle(node, stored)
    expect(Buffer.from(await handle.bytes('a/b.txt')).toString()).toBe('hello')
    expect(Buffer.from(await handle.bytes('big')).equals(big)).toBe(true)
    await handle.close()
  } finally {
    await store.close()
  }
})

test('gives the first statement again when the same is published again', async () => {
  const node = testNode(1)
  const first = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  const again = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  expect(again.root.equals(first.root)).toBe(true)
  expect(again.statements).toEqual(first.statements)
})

test('gives one root and one statement to twenty who publish the same at once', async () => {
  const node = testNode(1)
  const all = await Promise.all(Array.from({ length: 20 }, async () => publishStored(node, noteInit([{ name: 'a', text: '1' }]))))
  expect(new Set(all.map(({ statements }) => JSON.stringify(statements))).size).toBe(1)
  expect(node.store.open).toBe(0)
})

test('sets the readers, ends the embargo and holds when that is said again', async () => {
  const node = testNode(1)
  const reader = `0x${'Ab'.repeat(20)}` as const
  await publishStored(node, noteInit([{ name: 'a', text: '1' }], { readers: [], embargoed: true }), { retentionMs: 0 })
  const again = await publishStored(node, noteInit([{ name: 'a', text: '1' }], { readers: [reader, reader] }))
  expect(again).toMatchObject({ readers: [reader.toLowerCase()], embargoed: false, holds: [{ owner: 'host' }] })
})

test('never brings back an embargo that has ended', async () => {
  const node = testNode(1)
  await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  expect((await publishStored(node, noteInit([{ name: 'a', text: '1' }], { embargoed: true }))).embargoed).toBe(false)
})

test('signs a bundle that was fetched before, and keeps what others signed', async () => {
  const [publisher, other] = [testNode(1), testNode(2)]
  const stored = await publishStored(publisher, noteInit([{ name: 'a', text: '1' }]))
  for (const [key, bytes] of publisher.store.blocks) other.store.blocks.set(key, bytes)
  other.store.bundles.set(stored.root.toString(), { ...stored, origin: 'fetched' })
  const again = await publishStored(other, noteInit([{ name: 'a', text: '1' }]))
  expect(again.statements.map(({ signer }) => signer)).toEqual([other.identity.address, publisher.identity.address])
})

test('gives the manifest the root of the content alone', async () => {
  const node = testNode(1)
  const contents: string[] = []
  const manifest: ReturnType<typeof noteInit>['manifest'] = content => {
    contents.push(content.toString())
    return { format: 'cortensor-bundle', version: '1.0', kind: 'note', content: content.toString() }
  }
  await publishStored(node, noteInit([{ name: 'a', text: '1' }], { manifest }))
  const alone = new DirectoryImport(node.store.stage())
  await alone.add([{ type: 'file', path: 'a', open: async function * () { yield Buffer.from('1') } }])
  expect(contents).toEqual([(await alone.root()).toString()])
})

test('adds files that are made from those imported', async () => {
  const node = testNode(1)
  const stored = await publishStored(node, noteInit([{ name: 'data/a', text: '1' }], {
    describe: async files => await Promise.resolve([{ name: 'README.md', text: Array.from(files, ({ path, bytes, sha256 }) => `${path} ${bytes} ${sha256}`).join('\n') }])
  }))
  const handle = await openHandle(node, stored)
  expect(Buffer.from(await handle.bytes('README.md')).toString())
    .toBe('data/a 1 0x6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b')
})

describe('lists nothing and leaves nothing behind', () => {
  const cases: [string, FileSource[], Partial<ReturnType<typeof noteInit>>, new (...args: never[]) => Error][] = [
    ['for a name that leaves the bundle', [{ name: '../a', text: '1' }], {}, InvalidNameError],
    ['for a file in the place of the manifest', [{ name: 'manifest.json', text: '{}' }], {}, InvalidNameError],
    ['for a folder in the place of the manifest', [{ name: 'manifest.json/a', text: '{}' }], {}, InvalidNameError],
    ['for a missing file', [{ name: 'a', text: '1' }, { name: 'b', path: '/does/not/exist' }], {}, SourceUnreadableError],
    ['for a link to what is not stored', [{ name: 'a', cid: 'bafybeiczsscdsbs7ffqz55asqdf3smv6klcw3gofszvwlyarci47bgf354' }], {}, NotStoredError],
    ['for a manifest that is none', [{ name: 'a', text: '1' }], { manifest: () => ({ kind: 'note' }) as never }, InvalidManifestError],
    ['for one entry too many', [{ name: 'a', text: '1' }, { name: 'b', text: '1' }], { entriesMax: 2 }, LimitExceededError]
  ]
  test.for(cases)('%s', async ([, files, init, error]) => {
    const node = testNode(1)
    await expect(publishBundle(node, noteInit(files, init))).rejects.toThrow(error)
    expect({ open: node.store.open, blocks: node.store.blocks.size, bundles: node.store.bundles.size }).toEqual({ open: 0, blocks: 0, bundles: 0 })
  })
})

test('takes as many entries as it may, the manifest counted', async () => {
  const node = testNode(1)
  const files = [{ name: 'a', text: '1' }, { name: 'b', text: '1' }]
  await expect(publishBundle(node, noteInit(files, { entriesMax: 3 }))).resolves.toMatchObject({ stored: { kind: 'note' } })
})

test('counts what a link brings in', async () => {
  const node = testNode(1)
  const many = Array.from({ length: 10 }, (_, i) => ({ name: `f${i}`, text: String(i) }))
  const { root } = await publishStored(node, noteInit(many))
  const linked = async (entriesMax: number): Promise<unknown> => publishStored(node, noteInit([{ name: 'l', cid: root }], { entriesMax }))
  await expect(linked(12)).rejects.toThrow(LimitExceededError)
  await expect(linked(13)).resolves.toBeDefined()
})

test('rejects with the reason of the signal', async () => {
  const node = testNode(1)
  const reason = new Error('enough')
  await expect(publishBundle(node, noteInit([{ name: 'a', text: '1' }]), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
  expect(node.store.open).toBe(0)
})

test('publishes a directory from disk', async () => {
  const node = testNode(1)
  await writeFile(join(directory, '.hidden'), 'x')
  const handle = await openHandle(node, await publishStored(node, noteInit([{ name: 'd', path: directory }])))
  expect(Buffer.from(await handle.bytes('d/.hidden')).toString()).toBe('x')
})

describe('holds what it publishes', () => {
  const note = noteInit([{ name: 'a', text: '1' }])

  test('as long as its kind stays, or as is said', async () => {
    const node = testNode(1)
    const until = async (retentionMs?: number): Promise<unknown> => {
      node.store.bundles.clear()
      return (await publishStored({ ...node, retention: { note: 1000 }, clock: () => 5 }, note, { retentionMs })).holds
    }
    expect(await until()).toEqual([{ owner: 'host', until: 1005 }])
    expect(await until(7)).toEqual([{ owner: 'host', until: 12 }])
    expect(await until(Infinity)).toEqual([{ owner: 'host' }])
    expect(await until(0)).toEqual([])
  })

  test('no shorter than it was held already, and beside other owners', async () => {
    const node = testNode(1)
    const { root } = await publishStored(node, note, { retentionMs: 1000 })
    await node.store.update(root, ({ holds }) => ({ holds: [...holds, { owner: 'other' }] }))
    const [first] = node.store.record(root)?.holds ?? []
    expect((await publishStored(node, note, { retentionMs: 10 })).holds).toEqual([first, { owner: 'other' }])
    expect((await publishStored(node, note, { retentionMs: 0 })).holds).toEqual([first, { owner: 'other' }])
    expect((await publishStored(node, note)).holds).toEqual([{ owner: 'other' }, { owner: 'host' }])
  })

  test('until whoever published it is done with it, whatever its retention', async () => {
    const node = testNode(1)
    const kept = await publishBundle(node, note, { retentionMs: 0 })
    expect(await node.store.collect()).toMatchObject({ bundles: 0 })
    kept[Symbol.dispose]()
    expect(await node.store.collect()).toMatchObject({ bundles: 1 })
  })

  test.each([-1, NaN, '5', null])('and refuses %o as its retention before anything is read', async retentionMs => {
    const node = testNode(1)
    await expect(publishBundle(node, note, { retentionMs: retentionMs as number })).rejects.toThrow('retentionMs must be')
    expect(node.store.open).toBe(0)
  })
})

test('keeps nothing when it cannot be signed', async () => {
  const node = testNode(1)
  const { root } = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  const refused = new Error('no signature')
  const other = { ...testNode(2), store: node.store }
  other.identity = { ...other.identity, sign: async () => { throw refused } }
  await expect(publishBundle(other, noteInit([{ name: 'a', text: '1' }]))).rejects.toBe(refused)
  expect(node.store.keepsOf(root)).toBe(0)
})

test('says that what it answers is answered, also when it says it again', async () => {
  const node = testNode(1)
  const task = await publishStored(node, noteInit([{ name: 'task', text: '1' }]))
  const answer = noteInit([{ name: 'answer', text: '1' }], { answers: task.root })
  for (let round = 0; round < 2; round++) {
    await node.store.update(task.root, { holds: [{ owner: 'unanswered' }, { owner: 'host' }] })
    await publishStored(node, answer)
    expect(node.store.record(task.root)?.holds).toEqual([{ owner: 'host' }])
  }
})

test('writes again what is damaged, and says of it what was said before', async () => {
  const node = testNode(1)
  const first = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  node.store.damaged.add(first.root.toString())
  const again = await publishStored(node, noteInit([{ name: 'a', text: '1' }]))
  expect(node.store.isDamaged(first.root)).toBe(false)
  expect(again.statements).toEqual(first.statements)
})
