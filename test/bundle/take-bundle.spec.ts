import { describe, expect, test } from 'vitest'
import { takeBundle } from '../../src/bundle/take-bundle.ts'
import { InvalidManifestError, LimitExceededError, UnavailableError, WrongTaskError } from '../../src/errors.ts'
import { TestDag } from './dags.ts'
import { blocksBelow, FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { TakeOptions } from '../../src/bundle/take-bundle.ts'
import type { CompleteBundle } from '../../src/bundle/transfer-bundle.ts'
import type { StoredBundle } from '../../src/interface/store.ts'
import type { CID } from 'multiformats/cid'

const hold = { owner: 'offered', until: 9_000_000_000_000 }

interface Taking {
  publisher: TestNode
  node: TestNode
  transfer: FakeTransfer
  stored: StoredBundle
  /** What was checked. */
  checked: CompleteBundle[]
  take: (init?: Partial<TakeOptions>, root?: CID) => Promise<StoredBundle>
}

/** A bundle of one node, and another node that takes it. */
async function taking (): Promise<Taking> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit([{ name: 'a/b', text: 'hello' }], { readers: [] }))
  const transfer = new FakeTransfer([publisher.store])
  const node = testNode(2, transfer)
  const checked: CompleteBundle[] = []
  const options = { peerId: 'miner', bytesMax: 1000, stallTimeoutMs: 5, hold, check: (bundle: CompleteBundle) => { checked.push(bundle) } }
  const take: Taking['take'] = async (init = {}, root = stored.root) => await takeBundle(node, root, { ...options, ...init })
  return { publisher, node, transfer, stored, checked, take }
}

test('fetches from the one peer, checks what came, and holds it', async () => {
  const { publisher, node, transfer, stored, checked, take } = await taking()
  const { signal } = new AbortController()
  expect(await take({ signal })).toMatchObject({ kind: 'note', origin: 'fetched', embargoed: false, holds: [hold], storedAt: 1_700_000_000_000 })
  expect(transfer.calls.map(({ options }) => options)).toMatchObject([{ providers: ['miner'], asksRouters: false, bytesMax: 1000, stallTimeoutMs: 5, signal }])
  expect(checked).toMatchObject([{ manifest: { kind: 'note' }, statements: [{ signer: publisher.identity.address }] }])
  expect(new Set(node.store.blocks.keys())).toEqual(await blocksBelow(publisher.store, stored.root))
  expect([node.store.open, node.store.keepsOf(stored.root)]).toEqual([0, 0])
})

test('keeps a restricted bundle for its publisher alone', async () => {
  const { publisher, take } = await taking()
  expect((await take()).readers).toEqual([publisher.identity.address])
})

test('lists nothing of what does not pass the check', async () => {
  const { node, take } = await taking()
  await expect(take({ check: () => { throw new WrongTaskError('another task') } })).rejects.toThrow(WrongTaskError)
  expect([node.store.bundles.size, node.store.blocks.size, node.store.open]).toEqual([0, 0, 0])
})

test('lists nothing of what cannot be fetched, is too large, or is no bundle', async () => {
  const { node, transfer, stored, take } = await taking()
  await expect(take({ bytesMax: stored.bytes - 1 })).rejects.toThrow(LimitExceededError)
  transfer.stores.length = 0
  await expect(take()).rejects.toThrow(UnavailableError)
  const dag = new TestDag()
  const root = dag.directory([{ name: 'manifest.json', cid: dag.raw('not a manifest'), size: 14 }])
  const publisher = testNode(3)
  for (const [key, bytes] of dag.blocks) publisher.store.blocks.set(key, bytes)
  publisher.store.bundles.set(root.toString(), { ...stored, root })
  transfer.stores.push(publisher.store)
  await expect(take({}, root)).rejects.toThrow(InvalidManifestError)
  expect([node.store.bundles.size, node.store.blocks.size, node.store.open]).toEqual([0, 0, 0])
  await expect((await taking()).take({ bytesMax: stored.bytes })).resolves.toBeDefined()
})

describe('what is stored already', () => {
  test('is checked and held, and not fetched', async () => {
    const { node, transfer, stored, checked, take } = await taking()
    await take()
    await node.store.update(stored.root, { holds: [{ owner: 'host' }] })
    expect((await take()).holds).toEqual([{ owner: 'host' }, hold])
    expect(transfer.calls).toHaveLength(1)
    expect(checked[1]).toEqual(checked[0])
    expect(node.store.keepsOf(stored.root)).toBe(0)
  })

  test('keeps a hold of the same owner that lasts longer', async () => {
    const { node, stored, take } = await taking()
    await take()
    expect((await take({ hold: { ...hold, until: 5 } })).holds).toEqual([hold])
    expect((await take({ hold: { owner: 'offered' } })).holds).toEqual([{ owner: 'offered' }])
    expect(node.store.record(stored.root)?.holds).toEqual([{ owner: 'offered' }])
  })

  test('stays as it is when it does not pass the check', async () => {
    const { node, stored, take } = await taking()
    await take()
    await node.store.update(stored.root, { holds: [] })
    await expect(take({ check: () => { throw new WrongTaskError('another task') } })).rejects.toThrow(WrongTaskError)
    expect(node.store.record(stored.root)?.holds).toEqual([])
    expect(node.store.keepsOf(stored.root)).toBe(0)
  })

  test('is healed first when it is damaged', async () => {
    const { node, stored, checked, take } = await taking()
    await take()
    await node.store.update(stored.root, { holds: [] })
    node.store.damaged.add(stored.root.toString())
    expect((await take()).holds).toEqual([hold])
    expect(node.store.isDamaged(stored.root)).toBe(false)
    expect(checked[1]).toEqual(checked[0])
  })
})

test('goes on where an interrupted fetch was left', async () => {
  const { publisher, node, transfer, stored, take } = await taking()
  const left = node.store.partial(stored.root)
  await left.put(stored.root, await publisher.store.get(stored.root))
  await left.suspend()
  expect((await take()).holds).toEqual([hold])
  expect(transfer.calls.flatMap(({ blocks }) => blocks).map(String)).not.toContain(stored.root.toString())
})

test('stops with the reason of its signal, and keeps nothing', async () => {
  const { node, transfer, take } = await taking()
  const [controller, reason] = [new AbortController(), new Error('enough')]
  transfer.gate = async () => { controller.abort(reason) }
  await expect(take({ signal: controller.signal })).rejects.toBe(reason)
  expect([node.store.bundles.size, node.store.open]).toEqual([0, 0])
})
