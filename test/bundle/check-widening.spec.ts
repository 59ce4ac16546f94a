import { describe, expect, test } from 'vitest'
import { checkLinks, checkSetReaders, checkWiden } from '../../src/bundle/check-widening.ts'
import { openHandle } from '../../src/bundle/handle.ts'
import { AccessWidenedError } from '../../src/errors.ts'
import { linksOf } from '../../src/format/dag-links.ts'
import { restrictedLinksMax } from '../../src/limits.ts'
import { branch } from '../format/dags.ts'
import { noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { BundleInit } from '../../src/bundle/publish.ts'
import type { Bundle, Readers } from '../../src/interface/bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { CID } from 'multiformats/cid'

const [a, b] = [`0x${'aa'.repeat(20)}`, `0x${'bb'.repeat(20)}`] as const
const rule = (): boolean => true
const { cid: root } = branch([], 'new')

async function guarded (node: TestNode, readers: Readers, init: Partial<BundleInit> = {}): Promise<StoredBundle> {
  return await publishStored(node, noteInit([{ name: 'answer.txt', text: 'yes' }], { readers, ...init as object }))
}

async function check (node: TestNode, cids: readonly CID[], readers: Readers, widen = false): Promise<CID[]> {
  return await checkLinks({ store: node.store, own: node.identity.address }, cids, { root, readers, widen })
}

/** The file of a bundle that has one. */
async function fileOf (node: TestNode, bundle: StoredBundle): Promise<CID> {
  const [file] = linksOf(bundle.root, await node.store.get(bundle.root))
  return file ?? expect.fail('no file')
}

describe('checkLinks', () => {
  test.for([
    ['anyone', 'anyone'], ['anyone', [a]], ['anyone', rule], [[a, b], [a]], [[a], []], [[], []], [rule, rule], [rule, []]
  ] as const)('lets what %o may read be linked by what %o may read', async ([linked, readers]) => {
    const node = testNode(1)
    const { root: link } = await guarded(node, linked)
    await expect(check(node, [link], readers)).resolves.toHaveLength(linked === 'anyone' ? 0 : 1)
  })

  test.for([
    [[a], 'anyone'], [[], 'anyone'], [[a], [a, b]], [[], [a]], [[a], rule], [rule, 'anyone'], [rule, [a]], [rule, (): boolean => true]
  ] as const)('refuses to let what %o may read be linked by what %o may read', async ([linked, readers]) => {
    const node = testNode(1)
    const { root: link } = await guarded(node, linked)
    await expect(check(node, [link], readers)).rejects.toThrow(AccessWidenedError)
    await expect(check(node, [link], readers, true)).resolves.toEqual([link])
  })

  test('does not count this node itself, which has all of it', async () => {
    const node = testNode(1)
    const { root: link } = await guarded(node, [a])
    await expect(check(node, [link], [a, node.identity.address])).resolves.toEqual([link])
  })

  test('says who may read which bundle, and what to do', async () => {
    const node = testNode(1)
    const { root: link } = await guarded(node, [a])
    await expect(check(node, [link], 'anyone')).rejects.toMatchObject({
      code: 'ERR_ACCESS_WIDENED',
      retryable: false,
      message: `urn:blob:v2:ipfs:${root.toString()} links urn:blob:v2:ipfs:${link.toString()}, which may be read by ${a}, and would be ` +
        'readable by anyone: name fewer readers, give the linked bundle more with setReaders(), or say { widen: true }',
      details: { root: root.toString(), linked: link.toString(), readers: 'anyone', linkedReaders: [a], embargoed: false }
    })
  })

  test('takes what is embargoed for readable by nobody', async () => {
    const node = testNode(1)
    const { root: link } = await guarded(node, 'anyone', { embargoed: true })
    await expect(check(node, [link], [a])).rejects.toThrow('nobody may read before it is revealed')
    await expect(check(node, [link], [])).resolves.toEqual([link])
    await node.store.update(link, { embargoed: false })
    await expect(check(node, [link], 'anyone')).resolves.toEqual([])
  })

  test('counts a file in a restricted bundle as a link to it, unless it is in one with enough readers too', async () => {
    const node = testNode(1)
    const bundle = await guarded(node, [a])
    const file = await fileOf(node, bundle)
    await expect(check(node, [file], [a])).resolves.toEqual([bundle.root])
    await expect(check(node, [file], 'anyone')).rejects.toMatchObject({ details: { linked: bundle.root.toString() } })
    await publishStored(node, noteInit([{ name: 'other-name.txt', text: 'yes' }], { readers: [a, b] }))
    await expect(check(node, [file], [b])).resolves.toHaveLength(1)
    await publishStored(node, noteInit([{ name: 'public.txt', text: 'yes' }]))
    await expect(check(node, [file], 'anyone')).resolves.toEqual([])
  })

  test('does not count what belongs to no bundle', async () => {
    await expect(check(testNode(1), [root], 'anyone')).resolves.toEqual([])
  })

  test('names so many restricted bundles and no more', async () => {
    const node = testNode(1)
    const stored = await guarded(node, [])
    const cids = Array.from({ length: restrictedLinksMax + 1 }, (_, n) => branch([], String(n)).cid)
    for (const cid of cids) node.store.bundles.set(cid.toString(), { ...stored, root: cid })
    await expect(check(node, cids.slice(1), [])).resolves.toHaveLength(restrictedLinksMax)
    await expect(check(node, cids, [])).rejects.toMatchObject({ name: 'LimitExceededError', details: { limit: 'restrictedLinksMax' } })
  })
})

describe('checkSetReaders', () => {
  /** A bundle that links another one. */
  async function scene (readers: Readers, linkedReaders: Readers, what: 'root' | 'file'): Promise<{ node: TestNode, linked: StoredBundle, handle: Bundle }> {
    const node = testNode(1)
    const linked = await guarded(node, linkedReaders)
    const cid = what === 'root' ? linked.root : await fileOf(node, linked)
    const stored = await publishStored(node, noteInit([{ name: 'link', cid }], { readers }), { widen: true })
    return { node, linked, handle: await openHandle(node, stored) }
  }

  test.for(['root', 'file'] as const)('refuses to open a bundle wider than one of which it links the %s, unless that is said', async what => {
    const { node, handle } = await scene([a], [a], what)
    await expect(handle.setReaders('anyone')).rejects.toThrow(AccessWidenedError)
    await expect(handle.setReaders([a, b])).rejects.toThrow(AccessWidenedError)
    expect(node.store.record(handle.cid)?.readers).toEqual([a])
    await handle.setReaders([a, b], { widen: true })
    expect(node.store.record(handle.cid)?.readers).toEqual([a, b])
  })

  test('never refuses fewer readers than now', async () => {
    const { node, handle } = await scene('anyone', [], 'root')
    for (const readers of [rule, [a], []]) {
      await handle.setReaders('anyone', { widen: true })
      await handle.setReaders(readers)
      expect(node.store.record(handle.cid)?.readers).toEqual(readers)
    }
  })

  test('follows what becomes of the linked bundle', async () => {
    const { node, linked, handle } = await scene([], [], 'file')
    await expect(handle.setReaders([a])).rejects.toThrow(AccessWidenedError)
    await node.store.update(linked.root, { readers: [a] })
    await handle.setReaders([a])
    node.store.bundles.delete(linked.root.toString())
    await expect(handle.setReaders([a, b])).rejects.toThrow('is not stored any more, so that nobody knows who may read it')
  })

  test('holds for publishing the same again too, also when the linked bundle is gone', async () => {
    const { node, linked, handle } = await scene([], [], 'root')
    const again = noteInit([{ name: 'link', cid: linked.root }])
    node.store.bundles.delete(linked.root.toString())
    await expect(publishStored(node, again)).rejects.toThrow(AccessWidenedError)
    expect(await publishStored(node, again, { widen: true })).toMatchObject({ root: handle.cid, readers: 'anyone' })
  })

  test('knows the roots in a bundle that was fetched', async () => {
    const node = testNode(1)
    const linked = await guarded(node, [a])
    const { root } = await publishStored(node, noteInit([{ name: 'link', cid: linked.root }], { readers: [] }))
    await node.store.update(root, { links: [] })
    const components = { store: node.store, own: node.identity.address }
    await expect(checkSetReaders(components, { root, readers: 'anyone', widen: false })).rejects.toThrow(AccessWidenedError)
    await expect(checkSetReaders(components, { root, readers: [a], widen: false })).resolves.toBeUndefined()
  })

  test('does not count the same bytes that came another way', async () => {
    const node = testNode(1)
    await guarded(node, [])
    const stored = await publishStored(node, noteInit([{ name: 'again.txt', text: 'yes' }], { readers: [] }))
    const handle = await openHandle(node, stored)
    await handle.setReaders('anyone')
    expect(node.store.record(stored.root)?.readers).toBe('anyone')
  })
})

test.for([{ widen: 1 }, { widen: null }, null, 'widen'])('refuses %j as options', options => {
  expect(() => checkWiden(options as never)).toThrow('must be')
})
