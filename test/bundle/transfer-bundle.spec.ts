import { CID } from 'multiformats/cid'
import { expect, test } from 'vitest'
import { openHandle } from '../../src/bundle/handle.ts'
import { transferBundle } from '../../src/bundle/transfer-bundle.ts'
import { WrongTaskError } from '../../src/errors.ts'
import { hastenRecovery } from '../../src/format/recover-key.ts'
import { encodeStatement } from '../../src/format/statement.ts'
import { blocksBelow, FakeTransfer, noteInit, publishStored, testNode } from './fixtures.ts'
import type { TestNode } from './fixtures.ts'
import type { CompleteBundle, TransferBundleOptions } from '../../src/bundle/transfer-bundle.ts'
import type { SaidOfRoot } from '../../src/interface/statement.ts'
import type { StoredBundle } from '../../src/interface/store.ts'

interface Transferring {
  publisher: TestNode
  node: TestNode
  transfer: FakeTransfer
  stored: StoredBundle
  run: (options?: Partial<TransferBundleOptions>) => Promise<StoredBundle>
}

async function transferring (): Promise<Transferring> {
  const publisher = testNode(1)
  const stored = await publishStored(publisher, noteInit([{ name: 'a', text: 'hello' }]))
  const transfer = new FakeTransfer([publisher.store])
  const node = testNode(2, transfer)
  const run: Transferring['run'] = async (options = {}) => {
    using kept = await transferBundle(node, stored.root, { providers: ['peer'], holds: () => [], ...options })
    return kept.stored
  }
  return { publisher, node, transfer, stored, run }
}

/** Leaves every block of a bundle, as a fetch that ended just before it was stored. */
async function leaveAll (publisher: TestNode, node: TestNode, root: CID, said?: SaidOfRoot): Promise<void> {
  const left = node.store.partial(root)
  for (const text of await blocksBelow(publisher.store, root)) {
    const cid = CID.parse(text)
    await left.put(cid, await publisher.store.get(cid))
  }
  if (said !== undefined) left.note(said)
  await left.suspend()
}

const refuse = (): never => { throw new WrongTaskError('another task') }

test('keeps a bundle for the reasons that there are by its kind and time', async () => {
  const { run } = await transferring()
  const stored = await run({ holds: (kind, storedAt) => [{ owner: kind, until: storedAt + 1 }] })
  expect(stored).toMatchObject({ origin: 'fetched', holds: [{ owner: 'note', until: stored.storedAt + 1 }] })
})

test('gives what a handle on it is opened with, so that nothing is read back', async () => {
  const { node, stored } = await transferring()
  using kept = await transferBundle(node, stored.root, { providers: ['peer'], holds: () => [] })
  let reads = 0
  node.store.reader = () => {
    const below = node.store
    return { has: async cid => await below.has(cid), get: async (cid, options) => (reads++, await below.get(cid, options)) }
  }
  const handle = await openHandle(node, kept.stored, { checked: kept.checked })
  expect([handle.manifest?.kind, reads]).toEqual(['note', 0])
  expect(Buffer.from(await handle.bytes('a')).toString()).toBe('hello')
  expect(reads).toBeGreaterThan(0)
})

test('shows what came before it is kept, with statements that are checked', async () => {
  const { publisher, node, stored, run } = await transferring()
  const checked: CompleteBundle[] = []
  await run({
    check: bundle => {
      expect(node.store.record(stored.root)).toBeUndefined()
      checked.push(bundle)
    }
  })
  expect(checked).toMatchObject([{ manifest: { kind: 'note' }, statements: [{ signer: publisher.identity.address }] }])
})

test('reads what is signed when it comes, and not when all else has come', async () => {
  await hastenRecovery()
  const { node, transfer, stored, run } = await transferring()
  const [signed] = stored.statements
  const bytes = encodeStatement(signed!.statement)
  const fetch = transfer.fetchDag.bind(transfer)
  transfer.answer = { statements: [bytes] }
  transfer.fetchDag = async (root, into, options) => {
    const fetched = await fetch(root, into, options)
    // What was read is not read again.
    bytes.fill(0)
    return fetched
  }
  expect((await run()).statements).toEqual([signed])
  expect(node.lines).toEqual([])
})

test('asks nobody for what is all there, when it is known what is said of it', async () => {
  const { publisher, node, transfer, stored, run } = await transferring()
  const statements = stored.statements.map(({ statement }) => encodeStatement(statement))
  await leaveAll(publisher, node, stored.root, { access: 'anyone', statements: [Buffer.from('nonsense'), ...statements] })
  transfer.stores.length = 0
  transfer.fetchDag = async (_root, into, { bytesThere }) => {
    expect([bytesThere, await into.has(stored.root)]).toEqual([stored.bytes, true])
    return { access: 'restricted', statements: [], bytes: 0, provider: '', attempts: [] }
  }
  const fetched = await run()
  expect(fetched.statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(fetched.readers).toBe('anyone')
  expect(node.lines).toHaveLength(1)
})

test('asks for the root again when nothing is known of what is all there', async () => {
  const { publisher, node, transfer, stored, run } = await transferring()
  await leaveAll(publisher, node, stored.root)
  expect((await run()).statements.map(({ signer }) => signer)).toEqual([publisher.identity.address])
  expect(transfer.calls.map(({ blocks }) => blocks.length)).toEqual([0, 1])
})

test('forgets what came now and may not be kept', async () => {
  const { node, run } = await transferring()
  await expect(run({ check: refuse })).rejects.toThrow(WrongTaskError)
  expect([node.store.bundles.size, node.store.partials.size, node.store.open]).toEqual([0, 0, 0])
})

test('leaves what was there before to those who may keep it', async () => {
  const { publisher, node, transfer, stored, run } = await transferring()
  const left = node.store.partial(stored.root)
  await left.put(stored.root, await publisher.store.get(stored.root))
  await left.suspend()
  await expect(run({ check: refuse })).rejects.toThrow(WrongTaskError)
  expect([node.store.bundles.size, node.store.partials.size, node.store.open]).toEqual([0, 1, 0])
  await run()
  expect(transfer.calls.flatMap(({ blocks }) => blocks)).toHaveLength(stored.blocks - 1)
})
